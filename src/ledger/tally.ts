import type { DeadlineCounts } from './deadline-counts.ts';
import { type ExactFacts, LagHistogram } from './lag-histogram.ts';
import { OUTCOMES, type OutcomeName } from './outcome.ts';
import { sharedCounts } from './shared-counts.ts';
import { type Spread, spreadOf } from './spread.ts';
import { cumulativeIncidence, dueRows, quantileUs, restrictedMeanUs, type Step } from './survival.ts';

/** Times since the deadline, by what then happened. */
export interface LagHistograms {
  /** Heard to have expired, found by the server's cycle, or provoked by a command of ours. */
  cycle: LagHistogram;
  command: LagHistogram;
  /** Ended otherwise and never notified: evicted when stale, or lost (counted at 0, because nobody knows when). */
  competing: LagHistogram;
  /** Followed so long and no further: stale at the cut-off, or unknown. */
  censored: LagHistogram;
}

const LAG_KINDS = ['cycle', 'command', 'competing', 'censored'] as const satisfies (keyof LagHistograms)[];

/** What is known of an eviction before the deadline. Times at the hearing of the event, ms. */
export interface EarlyEviction {
  /** To the deadline; `null` where there was none. */
  remainingMs: number | null;
  /** Since the creation. */
  ageMs: number;
  /** Since its last request, or its creation; `null`: both were before the measurement. */
  idleMs: number | null;
}

/** Times of the lives that ended by eviction, at the hearing of the event. */
export interface EvictionHistograms {
  /** Of those evicted early: the TTL that was left, their age, and the time since their last request. */
  remainingTtl: LagHistogram;
  age: LagHistogram;
  idle: LagHistogram;
  /** Of those evicted when stale: since the deadline. */
  overdue: LagHistogram;
}

const EVICTION_KINDS = ['remainingTtl', 'age', 'idle', 'overdue'] as const satisfies (keyof EvictionHistograms)[];

const COUNTS = [
  'attempted',
  'ambiguous',
  'evictedAmbiguous',
  'resurrected',
  'withoutTtl',
  'foundGone',
  'foundGoneEarly',
] as const;

/** A histogram as text, with what the text does not carry exactly. */
export interface EncodedHistogram extends ExactFacts {
  hdr: string;
}

/** A quantile that was not reached is `null`; `beyond` then is the time within which it was not. Seconds. */
export interface ExpiryLag {
  delivered: number;
  censored: number;
  /** Mean of min(lag, horizon), the never notified counting as the horizon; `null` when nothing was followed. */
  restrictedMean: number | null;
  /** The longest time that any session was followed after its deadline. */
  horizon: number | null;
  /** Delivered lags below zero: within the errors, or the run is invalid. */
  belowZero: number;
  min: number | null;
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
  beyond: number | null;
}

/** A tally as plain data: see the result's schema. */
export interface TallyResult {
  attempted: number;
  ambiguous: number;
  /** Of these, evictions that the errors leave open whether they came before the deadline. */
  evictedAmbiguous: number;
  resurrected: number;
  /** In memory at the cut-off without the TTL that was to be set: they would never end. */
  withoutTtl: number;
  foundGone: number;
  foundGoneEarly: number;
  /** Fell due and ended otherwise: evicted when stale, or lost after the deadline. */
  neverNotified: number;
  causes: { cycle: number; command: number };
  outcomes: Record<OutcomeName, number>;
  expiryLagSeconds: ExpiryLag;
  expiryLagCycleOnlySeconds: ExpiryLag;
  evictions: {
    remainingTtlSeconds: Spread;
    ageSeconds: Spread;
    idleSeconds: Spread;
    overdueSeconds: Spread;
  };
  histograms: Record<keyof LagHistograms | keyof EvictionHistograms, EncodedHistogram>;
}

type LagKind = (typeof LAG_KINDS)[number];
type EvictionKind = (typeof EVICTION_KINDS)[number];

/** Where the accounts of a cohort are, for another thread. */
export interface TallyBuffers {
  readonly counts: SharedArrayBuffer;
  readonly outcomes: SharedArrayBuffer;
  readonly histograms: Readonly<Record<LagKind | EvictionKind, SharedArrayBuffer>>;
}

/**
 * The accounts of a cohort, in shared memory. Survival figures are computed from the histograms, so that shares of a plan add
 * up exactly.
 */
export class Tally {
  readonly buffers: TallyBuffers;
  readonly counts: Record<(typeof COUNTS)[number], number>;
  readonly outcomes: Record<OutcomeName, number>;
  readonly lag: LagHistograms;
  readonly evictions: EvictionHistograms;

  /** @param buffers of another one, to read what that accounts */
  constructor(buffers?: TallyBuffers) {
    const counts = sharedCounts(COUNTS, buffers?.counts);
    const outcomes = sharedCounts(OUTCOMES, buffers?.outcomes);
    this.counts = counts.counts;
    this.outcomes = outcomes.counts;
    const histogram = (kind: LagKind | EvictionKind): LagHistogram => new LagHistogram(buffers?.histograms[kind]);
    this.lag = byKind(LAG_KINDS, histogram);
    this.evictions = byKind(EVICTION_KINDS, histogram);
    const all: Record<LagKind | EvictionKind, LagHistogram> = { ...this.lag, ...this.evictions };
    this.buffers = {
      counts: counts.buffer,
      outcomes: outcomes.buffer,
      histograms: byKind([...LAG_KINDS, ...EVICTION_KINDS], (kind) => all[kind].buffer),
    };
  }

  /** Lives that ended after their deadline, or were followed beyond it. */
  get dueAndEnded(): number {
    const { cycle, command, competing, censored } = this.lag;
    return cycle.count + command.count + competing.count + censored.count;
  }

  expired(lagMs: number, cause: 'cycle' | 'command'): void {
    this.outcomes.expired++;
    this.lag[cause].record(Math.round(lagMs * 1000));
  }

  evictedEarly({ remainingMs, ageMs, idleMs }: EarlyEviction): void {
    const { remainingTtl, age, idle } = this.evictions;
    this.outcomes.evicted_early++;
    if (remainingMs !== null) remainingTtl.record(Math.round(remainingMs * 1000));
    age.record(Math.round(ageMs * 1000));
    if (idleMs !== null) idle.record(Math.round(idleMs * 1000));
  }

  evictedStale(sinceDeadlineMs: number): void {
    const sinceUs = Math.round(sinceDeadlineMs * 1000);
    this.outcomes.evicted_stale++;
    this.lag.competing.record(sinceUs);
    this.evictions.overdue.record(sinceUs);
  }

  stale(followUpMs: number): void {
    this.outcomes.stale++;
    this.lag.censored.record(Math.round(followUpMs * 1000));
  }

  /** @param followUpMs how long past its deadline it was followed; `null`: its deadline had not passed */
  unknown(followUpMs: number | null): void {
    this.outcomes.unknown++;
    if (followUpMs !== null) this.lag.censored.record(Math.round(followUpMs * 1000));
  }

  /** @param due whether its deadline had passed when it was found to be lost */
  lost(due: boolean): void {
    this.outcomes.lost++;
    if (due) this.lag.competing.record(0);
  }

  /** An end of a session that never fell due. */
  count(outcome: 'logged_out' | 'alive' | 'refused'): void {
    this.outcomes[outcome]++;
  }

  /** The same accounts were the cohort cut off now: what is stale in memory is censored at the time since its deadline. */
  asOfNow(deadlines: DeadlineCounts, cohort: number): Tally {
    const followed = new LagHistogram();
    followed.add(this.lag.censored);
    const { nowMs } = deadlines;
    deadlines.forEachStale(cohort, (deadlineMs, lives) => {
      followed.record(Math.max(0, Math.round((nowMs - deadlineMs) * 1000)), lives);
    });
    return new Tally({
      ...this.buffers,
      histograms: { ...this.buffers.histograms, censored: followed.buffer },
    });
  }

  /** attempted = the sum of the outcomes. */
  lawHolds(): boolean {
    return OUTCOMES.reduce((sum, outcome) => sum + this.outcomes[outcome], 0) === this.counts.attempted;
  }

  add(other: Tally): void {
    for (const key of COUNTS) this.counts[key] += other.counts[key];
    for (const outcome of OUTCOMES) this.outcomes[outcome] += other.outcomes[outcome];
    for (const kind of LAG_KINDS) this.lag[kind].add(other.lag[kind]);
    for (const kind of EVICTION_KINDS) this.evictions[kind].add(other.evictions[kind]);
  }

  /** Sessions that fell due and what came of them, as cumulative incidence; `cycleOnly`: had only the cycle deleted. */
  incidence(cycleOnly = false): Step[] {
    const { cycle, command, competing, censored } = this.lag;
    const others = [...command.buckets(), ...competing.buckets()];
    return cumulativeIncidence(
      cycleOnly
        ? dueRows(cycle.buckets(), [], [...others, ...censored.buckets()])
        : dueRows([...cycle.buckets(), ...command.buckets()], competing.buckets(), censored.buckets()),
    );
  }

  toResult(): TallyResult {
    const { counts, outcomes, lag, evictions } = this;
    const encoded = (histogram: LagHistogram): EncodedHistogram => {
      const { minUs, maxUs, belowZero } = histogram;
      return { hdr: histogram.encode(), minUs, maxUs, belowZero };
    };
    return {
      ...counts,
      neverNotified: lag.competing.count,
      causes: { cycle: lag.cycle.count, command: lag.command.count },
      outcomes: { ...outcomes },
      expiryLagSeconds: this.expiryLag(),
      expiryLagCycleOnlySeconds: this.expiryLag(true),
      evictions: {
        remainingTtlSeconds: spreadOf(evictions.remainingTtl),
        ageSeconds: spreadOf(evictions.age),
        idleSeconds: spreadOf(evictions.idle),
        overdueSeconds: spreadOf(evictions.overdue),
      },
      histograms: {
        cycle: encoded(lag.cycle),
        command: encoded(lag.command),
        competing: encoded(lag.competing),
        censored: encoded(lag.censored),
        remainingTtl: encoded(evictions.remainingTtl),
        age: encoded(evictions.age),
        idle: encoded(evictions.idle),
        overdue: encoded(evictions.overdue),
      },
    };
  }

  static fromResult(result: TallyResult): Tally {
    const tally = new Tally();
    for (const key of COUNTS) tally.counts[key] = result[key];
    Object.assign(tally.outcomes, result.outcomes);
    const decoded = ({ hdr, ...exact }: EncodedHistogram): LagHistogram => LagHistogram.decode(hdr, exact);
    for (const kind of LAG_KINDS) tally.lag[kind].add(decoded(result.histograms[kind]));
    for (const kind of EVICTION_KINDS) tally.evictions[kind].add(decoded(result.histograms[kind]));
    return tally;
  }

  /** The figures of the incidence, in seconds; `cycleOnly`: had only the cycle deleted. */
  expiryLag(cycleOnly = false): ExpiryLag {
    const { cycle, command, competing, censored } = this.lag;
    const notified = cycleOnly ? [cycle] : [cycle, command];
    const all = [cycle, command, competing, censored];
    const extreme = (of: LagHistogram[], key: 'minUs' | 'maxUs', pick: (...values: number[]) => number) => {
      const values = of.map((histogram) => histogram[key]).filter((value) => value !== null);
      return values.length === 0 ? null : pick(...values);
    };
    const seconds = (us: number | null): number | null => (us === null ? null : us / 1e6);
    const steps = this.incidence(cycleOnly);
    const horizonUs = extreme(all, 'maxUs', Math.max);
    const at = (share: number): number | null => seconds(quantileUs(steps, share));
    const quantiles = { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
    const sumOf = (of: LagHistogram[], key: 'count' | 'belowZero') => of.reduce((sum, { [key]: n }) => sum + n, 0);
    const delivered = sumOf(notified, 'count');
    const total = sumOf(all, 'count');
    // The greatest lag is known only if every session that fell due was heard.
    const max = delivered === total ? seconds(extreme(notified, 'maxUs', Math.max)) : null;
    const reached = max !== null || total === 0;
    return {
      delivered,
      censored: cycleOnly ? total - delivered : censored.count,
      restrictedMean: horizonUs === null || horizonUs <= 0 ? null : seconds(restrictedMeanUs(steps, horizonUs)),
      horizon: seconds(horizonUs),
      belowZero: sumOf(notified, 'belowZero'),
      min: seconds(extreme(notified, 'minUs', Math.min)),
      ...quantiles,
      max,
      beyond: reached ? null : seconds(horizonUs),
    };
  }
}

function byKind<Kind extends string, T>(kinds: readonly Kind[], make: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}

/** The accounts of shares of one plan, put together: the figures are those of the whole. */
export function mergeTallies(results: readonly TallyResult[]): TallyResult {
  const whole = new Tally();
  for (const result of results) whole.add(Tally.fromResult(result));
  return whole.toResult();
}
