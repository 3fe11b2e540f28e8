import { LARGEST_PAYLOAD_BYTES, LONGEST_TTL_MS } from '../scenario/limits.ts';
import { Rate } from '../scenario/rate.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { type Arrivals, mergeArrivals } from './arrivals.ts';
import { ConstantArrivals, countConstant } from './constant-arrivals.ts';
import { drawsOf, uniformOf } from './draws.ts';
import { PoissonArrivals, PoissonSlots } from './poisson-arrivals.ts';
import { type Sampler, samplerOf, UNIFORMS_A_VALUE } from './sampler.ts';
import { countOf, firstOf, type Segment } from './segment.ts';
import { TraceArrivals, TraceTimes } from './trace-arrivals.ts';
import { Zipf } from './zipf.ts';

export type { Segment } from './segment.ts';

/** What is to happen: a pure function of (scenario, seed, segment), of which next to nothing is stored. */
export interface Plan {
  /** Sessions of this segment. */
  readonly sessions: number;
  /** Sessions of the whole plan; their indexes are 0 … sessionsOfAll − 1, cohort after cohort. */
  readonly sessionsOfAll: number;
  /** Position of the session's cohort in the scenario. */
  cohortOf(index: number): number;
  /** Sessions of a cohort, by its position: the first index, and one past the last. */
  rangeOf(cohort: number): { first: number; end: number };
  /** Whole ms, at least 1; at most what the ledger carries. */
  ttlMs(index: number): number;
  payloadBytes(index: number): number;
  /**
   * Number of the user whose session it is. Without `users` each session is a user of its own, with its number; the users
   * of a cohort that has them have numbers that no session has.
   */
  userOf(index: number): number;
  /** 0 without activity. */
  visitLengthMs(index: number): number;
  /** Gap before the request of this number, from 0. A user's gaps are the cohort's, divided by the weight of the user. */
  requestGapMs(index: number, request: number): number;
  logsOut(index: number): boolean;
  /** Sessions that are there before the measurement: each `step`th index from `first` to before `end`. */
  filled(): readonly { first: number; end: number; step: number }[];
  /** The other sessions, in the order of time, over all cohorts. In a cohort that is the order of their indexes. */
  arrivals(): Arrivals;
}

/** Which draw of a session a number is for. The requests' gaps follow the last. */
const DRAW = { ttl: 0, payload: 10, visit: 20, logout: 30, arrival: 31, jitter: 32, user: 33, requests: 40 } as const;

/** @throws {Error} when a trace is no longer what it was when the scenario was loaded */
export function planScenario(scenario: Scenario, segment: Segment = { index: 1, of: 1 }): Plan {
  return new ScenarioPlan(scenario, segment);
}

/** The sessions of a cohort, with all that is prepared for their draws. */
interface Span {
  cohort: Cohort;
  position: number;
  first: number;
  end: number;
  draws: number;
  ttl: Sampler;
  payload: Sampler;
  visit: Sampler;
  gap: Sampler;
  arrivals: (() => Arrivals) | null;
  trace: TraceTimes | null;
  /** Number of the first of its users. */
  firstUser: number;
  zipf: Zipf | null;
}

const NEVER: Sampler = () => Number.POSITIVE_INFINITY;
const NOTHING: Sampler = () => 0;

class ScenarioPlan implements Plan {
  readonly sessions: number;
  readonly sessionsOfAll: number;
  readonly #spans: readonly Span[];
  readonly #segment: Segment;
  readonly #longestTtlMs: number;
  /** The span asked for last: sessions of one cohort come together. */
  #latest: Span;

  constructor(scenario: Scenario, segment: Segment) {
    const spans: Span[] = [];
    let first = 0;
    for (const [position, cohort] of scenario.cohorts.entries()) {
      const span = spanOf(scenario, cohort, position, first, segment);
      spans.push(span);
      first = span.end;
    }
    this.sessionsOfAll = first;
    let user = first;
    for (const span of spans) {
      span.firstUser = user;
      user += span.cohort.users?.count ?? 0;
    }
    this.#spans = spans;
    this.#latest = spans[0]!;
    this.#segment = segment;
    this.#longestTtlMs = LONGEST_TTL_MS - scenario.durationMs;
    this.sessions = countOf(first, segment);
  }

  cohortOf(index: number): number {
    return this.#spanOf(index).position;
  }

  rangeOf(cohort: number): { first: number; end: number } {
    const { first, end } = this.#spans[cohort]!;
    return { first, end };
  }

  ttlMs(index: number): number {
    const { cohort, first, draws, ttl, trace } = this.#spanOf(index);
    const { jitter, ttlMs } = cohort;
    let drawnMs = trace?.ttlMs(index - first) ?? ttl(draws, index - first, DRAW.ttl);
    if (jitter > 0) drawnMs *= 1 + jitter * (2 * uniformOf(draws, index - first, DRAW.jitter) - 1);
    const wholeMs = Math.max(1, Math.round(drawnMs));
    return ttlMs?.kind === 'together' ? wholeMs : Math.min(wholeMs, this.#longestTtlMs);
  }

  payloadBytes(index: number): number {
    const { first, draws, payload } = this.#spanOf(index);
    return Math.min(Math.round(payload(draws, index - first, DRAW.payload)), LARGEST_PAYLOAD_BYTES);
  }

  userOf(index: number): number {
    const span = this.#spanOf(index);
    return span.cohort.users ? span.firstUser + rankOf(span, index) - 1 : index;
  }

  visitLengthMs(index: number): number {
    const { first, draws, visit, trace } = this.#spanOf(index);
    return trace?.activityMs(index - first) ?? visit(draws, index - first, DRAW.visit);
  }

  requestGapMs(index: number, request: number): number {
    const span = this.#spanOf(index);
    const drawnMs = span.gap(span.draws, index - span.first, DRAW.requests + request * UNIFORMS_A_VALUE);
    return span.zipf ? drawnMs / span.zipf.weight(rankOf(span, index)) : drawnMs;
  }

  logsOut(index: number): boolean {
    const { cohort, first, draws } = this.#spanOf(index);
    return uniformOf(draws, index - first, DRAW.logout) < cohort.logout;
  }

  filled(): { first: number; end: number; step: number }[] {
    return this.#spans
      .filter(({ cohort }) => cohort.population.kind === 'filled')
      .map(({ first, end }) => ({ first: firstOf(first, this.#segment), end, step: this.#segment.of }));
  }

  arrivals(): Arrivals {
    return mergeArrivals(this.#spans.flatMap(({ arrivals }) => (arrivals ? [arrivals()] : [])));
  }

  #spanOf(index: number): Span {
    const latest = this.#latest;
    if (index >= latest.first && index < latest.end) return latest;
    const span = this.#spans.find(({ first, end }) => index >= first && index < end);
    if (!span) throw new RangeError(`session ${index}; the plan has 0 to ${this.sessionsOfAll - 1}`);
    this.#latest = span;
    return span;
  }
}

function spanOf(
  { seed, durationMs }: Scenario,
  cohort: Cohort,
  position: number,
  first: number,
  segment: Segment,
): Span {
  const { population, ttlMs, payloadBytes, activity, users } = cohort;
  const draws = drawsOf(seed, position);
  const shared = {
    cohort,
    position,
    first,
    draws,
    ttl: ttlMs === null ? NEVER : samplerOf(ttlMs.kind === 'together' ? { ...ttlMs, kind: 'fixed' } : ttlMs),
    payload: samplerOf(payloadBytes),
    visit: activity?.lengthMs ? samplerOf(activity.lengthMs) : NOTHING,
    gap: activity ? samplerOf(activity.intervalMs) : NEVER,
    trace: null,
    firstUser: 0,
    zipf: users ? new Zipf(users) : null,
  };
  if (population.kind === 'filled') return { ...shared, end: first + population.sessions, arrivals: null };
  if (population.kind === 'trace') {
    const { file, sessions } = population;
    const arrivals = (): Arrivals => new TraceArrivals(file, first, sessions, segment);
    return { ...shared, end: first + sessions, arrivals, trace: new TraceTimes(file, sessions) };
  }
  const rate = new Rate(population.rate, durationMs);
  if (population.process === 'constant') {
    const count = countConstant(rate, durationMs);
    return { ...shared, end: first + count, arrivals: () => new ConstantArrivals(rate, first, count, segment) };
  }
  const slots = new PoissonSlots(rate, draws);
  const arrivals = (): Arrivals => new PoissonArrivals(slots, durationMs, first, segment, DRAW.arrival);
  return { ...shared, end: first + slots.count, arrivals };
}

/** Rank of the user whose session it is, from 1. */
function rankOf({ cohort, first, draws }: Span, index: number): number {
  return 1 + Math.floor(uniformOf(draws, index - first, DRAW.user) * cohort.users!.count);
}
