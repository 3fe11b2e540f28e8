import { randomPoisson } from 'd3-random';
import { draw } from '../scenario/distribution.ts';
import { LARGEST_PAYLOAD_BYTES, LONGEST_TTL_MS } from '../scenario/limits.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { uniform } from './draws.ts';

/** The share `index` of `of` of a plan: the sessions whose index modulo `of` is `index` − 1. */
export interface Segment {
  index: number;
  of: number;
}

/** What is to happen: a pure function of (scenario, seed, segment), of which nothing is stored. */
export interface Plan {
  /** Sessions of this segment. */
  readonly sessions: number;
  /** Sessions of the whole plan; their indexes are 0 … sessionsOfAll − 1, cohort after cohort. */
  readonly sessionsOfAll: number;
  /** Position of the session's cohort in the scenario. */
  cohortOf(index: number): number;
  /** Whole ms, at least 1; at most what the ledger carries. */
  ttlMs(index: number): number;
  payloadBytes(index: number): number;
  /** 0 without activity. */
  visitLengthMs(index: number): number;
  /** Gap before the request of this number, from 0. */
  requestGapMs(index: number, request: number): number;
  logsOut(index: number): boolean;
  /** Indexes that are there before the measurement, ascending. */
  filled(): Iterable<number>;
  /** In the order of time, ms from the start of the measurement, over all cohorts. */
  arrivals(): Arrivals;
  /** The user whose session it is. */
  userOf(index: number): number;
}

/** The next arrival, and how to go on to the one after it. */
export interface Arrivals {
  /** Infinity at the end. */
  readonly atMs: number;
  readonly index: number;
  advance(): void;
}

const SLOT_MS = 1_000;

/** Which draw of a session a number is for. The requests' gaps follow the last. */
const DRAW = { ttl: 0, payload: 100, visit: 200, logout: 300, arrival: 301, requests: 400 } as const;
/** Uniforms that one value may take: a log-normal takes two for each attempt of the polar method. */
const UNIFORMS_A_VALUE = 100;
/** Draws about a cohort as a whole: the counts of its slots. */
const COHORT_DRAWS = 0xffffffff;

interface Span {
  cohort: Cohort;
  position: number;
  first: number;
  count: number;
  /** For Poisson arrivals: index of the first session of each slot, and one past the last. */
  slots: number[] | null;
}

export function planScenario(scenario: Scenario, segment: Segment = { index: 1, of: 1 }): Plan {
  const { seed, durationMs } = scenario;
  const spans: Span[] = [];
  let sessionsOfAll = 0;
  for (const [position, cohort] of scenario.cohorts.entries()) {
    const span = spanOf(scenario, cohort, position, sessionsOfAll);
    spans.push(span);
    sessionsOfAll += span.count;
  }

  const mine = ({ first, count }: { first: number; count: number }): number => upTo(first + count) - upTo(first);
  const upTo = (index: number): number => Math.floor((index - segment.index + segment.of) / segment.of);
  const spanAt = (index: number): Span => {
    const span = spans.find(({ first, count }) => index >= first && index < first + count);
    if (!span) throw new RangeError(`session ${index}; the plan has 0 to ${sessionsOfAll - 1}`);
    return span;
  };
  const uniforms = ({ position, first }: Span, index: number, from: number): (() => number) => {
    let next = from;
    return () => uniform(seed, position, index - first, next++);
  };
  const isFilled = ({ cohort }: Span): boolean => cohort.population.kind === 'filled';

  const arrivals = function* (): Generator<{ index: number; atMs: number }, undefined> {
    const streams = spans.filter((span) => !isFilled(span)).map((span) => arrivalsOf(span, scenario, segment));
    const heads = streams.map((stream) => stream.next());
    for (;;) {
      let least = -1;
      for (const [i, { done, value }] of heads.entries()) {
        if (!done && (least < 0 || value.atMs < heads[least]!.value!.atMs)) least = i;
      }
      if (least < 0) return;
      yield heads[least]!.value!;
      heads[least] = streams[least]!.next();
    }
  };
  return {
    sessions: spans.reduce((total, span) => total + mine(span), 0),
    sessionsOfAll,
    cohortOf: (index) => spanAt(index).position,
    ttlMs: (index) => {
      const span = spanAt(index);
      const { ttlMs } = span.cohort;
      if (ttlMs.kind === 'together') return Math.max(1, Math.round(ttlMs.value));
      const drawnMs = Math.round(draw(ttlMs, uniforms(span, index, DRAW.ttl)));
      return Math.min(Math.max(1, drawnMs), LONGEST_TTL_MS - durationMs);
    },
    payloadBytes: (index) => {
      const span = spanAt(index);
      const drawnBytes = Math.round(draw(span.cohort.payloadBytes, uniforms(span, index, DRAW.payload)));
      return Math.min(drawnBytes, LARGEST_PAYLOAD_BYTES);
    },
    visitLengthMs: (index) => {
      const span = spanAt(index);
      const { activity } = span.cohort;
      return activity ? draw(activity.lengthMs, uniforms(span, index, DRAW.visit)) : 0;
    },
    requestGapMs: (index, request) => {
      const span = spanAt(index);
      const { activity } = span.cohort;
      if (!activity) return Number.POSITIVE_INFINITY;
      return draw(activity.intervalMs, uniforms(span, index, DRAW.requests + request * UNIFORMS_A_VALUE));
    },
    logsOut: (index) => {
      const span = spanAt(index);
      return uniforms(span, index, DRAW.logout)() < span.cohort.logout;
    },
    *filled() {
      for (const { first, count } of spans.filter(isFilled)) {
        for (let index = firstOf(first, segment); index < first + count; index += segment.of) yield index;
      }
    },
    userOf: (index) => index,
    arrivals: () => cursor(arrivals()),
  };
}

function cursor(stream: Iterator<{ index: number; atMs: number }>): Arrivals {
  const at = {
    atMs: 0,
    index: 0,
    advance: () => {
      const { done, value } = stream.next();
      at.atMs = done ? Number.POSITIVE_INFINITY : value.atMs;
      at.index = done ? 0 : value.index;
    },
  };
  at.advance();
  return at;
}

function spanOf({ seed, durationMs }: Scenario, cohort: Cohort, position: number, first: number): Span {
  const { population } = cohort;
  if (population.kind === 'filled') return { cohort, position, first, count: population.sessions, slots: null };
  if (population.process === 'constant') {
    return { cohort, position, first, count: countBefore(durationMs, 1000 / population.perSecond), slots: null };
  }
  const slots = [first];
  for (let slot = 0; slot * SLOT_MS < durationMs; slot++) {
    const lengthMs = Math.min(SLOT_MS, durationMs - slot * SLOT_MS);
    let next = slot * UNIFORMS_A_VALUE;
    const source = (): number => uniform(seed, position, COHORT_DRAWS, next++);
    slots.push(slots.at(-1)! + randomPoisson.source(source)((population.perSecond * lengthMs) / 1000)());
  }
  return { cohort, position, first, count: slots.at(-1)! - first, slots };
}

/** How many multiples of the gap, from 0 on, lie before the end, as floating point has them. */
function countBefore(endMs: number, gapMs: number): number {
  let count = Math.ceil(endMs / gapMs);
  while ((count - 1) * gapMs >= endMs) count--;
  while (count * gapMs < endMs) count++;
  return count;
}

/**
 * Poisson arrivals: given their number in a slot, the times are independent and uniform in it, so that a session's time
 * needs no other session's draw.
 */
function* arrivalsOf(
  span: Span,
  { seed, durationMs }: Scenario,
  segment: Segment,
): Generator<{ index: number; atMs: number }, undefined> {
  const { cohort, position, first, count, slots } = span;
  if (cohort.population.kind === 'filled') return;
  if (slots === null) {
    const gapMs = 1000 / cohort.population.perSecond;
    for (let index = firstOf(first, segment); index < first + count; index += segment.of)
      yield { index, atMs: (index - first) * gapMs };
    return;
  }
  for (let slot = 0; slot + 1 < slots.length; slot++) {
    const lengthMs = Math.min(SLOT_MS, durationMs - slot * SLOT_MS);
    const arrivals: { index: number; atMs: number }[] = [];
    for (let index = firstOf(slots[slot]!, segment); index < slots[slot + 1]!; index += segment.of) {
      arrivals.push({ index, atMs: slot * SLOT_MS + uniform(seed, position, index - first, DRAW.arrival) * lengthMs });
    }
    yield* arrivals.sort((a, b) => a.atMs - b.atMs);
  }
}

/** The first index of the segment at or after `from`. */
function firstOf(from: number, { index, of }: Segment): number {
  return from + ((((index - 1 - from) % of) + of) % of);
}
