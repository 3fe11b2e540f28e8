import { DeadlineCounts } from '../ledger/deadline-counts.ts';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import { type ExpiryLag, Tally } from '../ledger/tally.ts';
import { evaluateThresholds, type ThresholdResult } from '../result/thresholds.ts';
import type { RunFeed, RunStatus } from '../run/run-feed.ts';
import type { Threshold } from '../scenario/scenario.ts';

/** What the scenario says; known before the run begins. */
export interface Shown {
  readonly scenario: string;
  readonly cohorts: readonly string[];
  readonly thresholds: readonly Threshold[];
}

/** How the run ended. */
export interface Ending {
  readonly verdict: 'valid' | 'invalid' | 'aborted';
  readonly reasons: readonly string[];
  readonly thresholds: readonly ThresholdResult[];
}

/** A cohort's accounts at the moment. */
export interface CohortView {
  readonly name: string;
  readonly tally: Tally;
  readonly live: number;
  /** Past its deadline and unheard: in memory, or as it was at the cut-off. */
  readonly stale: number;
  /** Ended after their deadline, or past it and in memory. */
  readonly due: number;
  readonly oldestStaleMs: number;
  /** `null`: the server does not tell what a session takes. */
  readonly staleBytes: number | null;
}

/** Figures that are worked out anew at most once a second. */
export interface Estimates {
  /** Of all sessions, and of each cohort; the stale of the moment are followed up to now. */
  readonly lag: ExpiryLag;
  readonly cohortLags: readonly ExpiryLag[];
  readonly thresholds: readonly ThresholdResult[];
}

/** Of the thread's time, for estimates: with many cohorts they are made less often. */
const ESTIMATE_SHARE = 0.01;

/** What a run's shared memory says at the moment, read on another thread than the run's. */
export class RunView {
  readonly shown: Shown;
  readonly feed: RunFeed;
  status: RunStatus;
  /** `null`: it lasts. */
  ending: Ending | null = null;
  readonly #tallies: readonly Tally[];
  readonly #deadlines: DeadlineCounts;
  readonly deliveryDelay: LagHistogram;
  readonly scheduleSlip: LagHistogram;
  /** See `REQUEST_AT`. */
  readonly requests: Float64Array;
  /** A session that was due stays so, whatever the errors of a moment say. */
  readonly #due: number[];
  #estimates: Estimates | null = null;
  #estimateAgainAt = 0;

  constructor(shown: Shown, feed: RunFeed, status: RunStatus) {
    this.shown = shown;
    this.feed = feed;
    this.status = status;
    this.#tallies = feed.tallies.map((buffers) => new Tally(buffers));
    this.#deadlines = new DeadlineCounts(feed.deadlines);
    this.deliveryDelay = new LagHistogram(feed.deliveryDelay);
    this.scheduleSlip = new LagHistogram(feed.scheduleSlip);
    this.requests = new Float64Array(feed.requests);
    this.#due = feed.tallies.map(() => 0);
  }

  /** Run time of the latest fence; from the cut-off on, that of the cut-off. */
  get nowMs(): number {
    return this.#deadlines.nowMs;
  }

  cohorts(): CohortView[] {
    const { nowMs } = this;
    return this.shown.cohorts.map((name, i) => {
      const tally = this.#tallies[i]!;
      const { present, stale: inMemory, oldestMs } = this.#deadlines.of(i);
      const { lag, outcomes } = tally;
      const stale = inMemory + outcomes.stale;
      const ended = lag.cycle.count + lag.command.count + lag.competing.count + lag.censored.count;
      this.#due[i] = Math.max(this.#due[i]!, ended + inMemory);
      const waitedMs = oldestMs === null ? 0 : Math.max(0, nowMs - oldestMs);
      const sessionBytes = this.feed.sessionBytes[i]!;
      return {
        name,
        tally,
        live: present - inMemory + outcomes.alive,
        stale,
        due: this.#due[i]!,
        oldestStaleMs: Math.max(waitedMs, outcomes.stale > 0 ? (lag.censored.maxUs ?? 0) / 1000 : 0),
        staleBytes: sessionBytes === null ? null : stale * sessionBytes,
      };
    });
  }

  /** Worked out now, unless that would take more than its share of the time. */
  estimates(): Estimates {
    if (this.#estimates !== null && performance.now() < this.#estimateAgainAt) return this.#estimates;
    const began = performance.now();
    this.#estimates = this.#estimate();
    this.#estimateAgainAt = began + (performance.now() - began) / ESTIMATE_SHARE;
    return this.#estimates;
  }

  /** The run is over: what comes from now on is final. */
  end(ending: Ending): void {
    this.ending = ending;
    this.#estimateAgainAt = 0;
  }

  #estimate(): Estimates {
    const tallies = this.#tallies.map((tally, cohort) => this.#followedUp(tally, cohort));
    const totals = new Tally();
    for (const tally of tallies) totals.add(tally);
    const { cohorts, thresholds } = this.shown;
    return {
      lag: totals.expiryLag(),
      cohortLags: tallies.length === 1 ? [totals.expiryLag()] : tallies.map((tally) => tally.expiryLag()),
      thresholds:
        this.ending?.thresholds ??
        evaluateThresholds(thresholds, {
          totals,
          cohorts: new Map(cohorts.map((name, i) => [name, tallies[i]!])),
          deliveryDelay: this.deliveryDelay,
          scheduleSlip: this.scheduleSlip,
        }),
    };
  }

  /** The accounts of a cohort were it cut off now: what is stale is censored at the time since its deadline. */
  #followedUp(tally: Tally, cohort: number): Tally {
    const followed = new LagHistogram();
    followed.add(tally.lag.censored);
    const { nowMs } = this;
    this.#deadlines.forEachStale(cohort, (deadlineMs, lives) => {
      followed.record(Math.max(0, Math.round((nowMs - deadlineMs) * 1000)), lives);
    });
    const { buffers } = tally;
    return new Tally({ ...buffers, histograms: { ...buffers.histograms, censored: followed.buffer } });
  }
}
