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

/** Figures that take ms to work out. */
export interface Estimates {
  /** Of all sessions, and of each cohort; the stale of the moment are followed up to now. */
  readonly lag: ExpiryLag;
  readonly cohortLags: readonly ExpiryLag[];
  readonly thresholds: readonly ThresholdResult[];
}

/** A run at one moment: what a scrape or the page tells of it. */
export interface Moment {
  readonly shown: Shown;
  readonly feed: RunFeed;
  readonly status: RunStatus;
  /** `null`: it lasts. */
  readonly ending: Ending | null;
  /** Run time of the latest fence; from the cut-off on, that of the cut-off. */
  readonly nowMs: number;
  readonly cohorts: readonly CohortView[];
  readonly deliveryDelay: LagHistogram;
  readonly scheduleSlip: LagHistogram;
  /** See `REQUEST_AT`. */
  readonly requests: Float64Array;
  readonly estimates: Estimates;
}

/** Of a processor's time, for estimates: with many cohorts they are made less often. */
const ESTIMATE_SHARE = 0.01;

/** Reads a run's shared memory, on another thread than the run's. */
export class RunView {
  readonly shown: Shown;
  readonly feed: RunFeed;
  #status: RunStatus;
  #ending: Ending | null = null;
  readonly #tallies: readonly Tally[];
  readonly #deadlines: DeadlineCounts;
  readonly #deliveryDelay: LagHistogram;
  readonly #scheduleSlip: LagHistogram;
  readonly #requests: Float64Array;
  /**
   * A session that was due stays so: a touch just before its deadline, which the error of that had let pass, may show it to
   * be live after all. A counter that falls would be taken for a new one.
   */
  readonly #due: number[];
  #estimates: Estimates;
  #estimateAgainAt = 0;

  constructor(shown: Shown, feed: RunFeed, status: RunStatus) {
    this.shown = shown;
    this.feed = feed;
    this.#status = status;
    this.#tallies = feed.tallies.map((buffers) => new Tally(buffers));
    this.#deadlines = new DeadlineCounts(feed.deadlines);
    this.#deliveryDelay = new LagHistogram(feed.deliveryDelay);
    this.#scheduleSlip = new LagHistogram(feed.scheduleSlip);
    this.#requests = new Float64Array(feed.requests);
    this.#due = feed.tallies.map(() => 0);
    this.#estimates = this.#estimate();
  }

  update(status: RunStatus): void {
    this.#status = status;
  }

  /** The run is over: what it tells from now on is final. */
  end(ending: Ending): void {
    this.#ending = ending;
    this.#estimates = this.#estimate();
  }

  get isOver(): boolean {
    return this.#ending !== null;
  }

  /** Works the estimates out anew, unless that took more than its share of the time since. */
  estimate(): void {
    const began = performance.now();
    if (began < this.#estimateAgainAt) return;
    this.#estimates = this.#estimate();
    this.#estimateAgainAt = began + (performance.now() - began) / ESTIMATE_SHARE;
  }

  moment(): Moment {
    return {
      shown: this.shown,
      feed: this.feed,
      status: this.#status,
      ending: this.#ending,
      nowMs: this.#deadlines.nowMs,
      cohorts: this.shown.cohorts.map((name, i) => this.#cohort(name, i)),
      deliveryDelay: this.#deliveryDelay,
      scheduleSlip: this.#scheduleSlip,
      requests: this.#requests,
      estimates: this.#estimates,
    };
  }

  #cohort(name: string, i: number): CohortView {
    const tally = this.#tallies[i]!;
    const { present, stale: inMemory, oldestMs } = this.#deadlines.of(i);
    const { lag, outcomes } = tally;
    const stale = inMemory + outcomes.stale;
    this.#due[i] = Math.max(this.#due[i]!, tally.dueAndEnded + inMemory);
    const waitedMs = oldestMs === null ? 0 : Math.max(0, this.#deadlines.nowMs - oldestMs);
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
  }

  #estimate(): Estimates {
    const tallies = this.#tallies.map((tally, cohort) => tally.asOfNow(this.#deadlines, cohort));
    const totals = new Tally();
    for (const tally of tallies) totals.add(tally);
    const lag = totals.expiryLag();
    const { cohorts, thresholds } = this.shown;
    return {
      lag,
      cohortLags: tallies.length === 1 ? [lag] : tallies.map((tally) => tally.expiryLag()),
      thresholds:
        this.#ending?.thresholds ??
        evaluateThresholds(thresholds, {
          totals,
          cohorts: new Map(cohorts.map((name, i) => [name, tallies[i]!])),
          deliveryDelay: this.#deliveryDelay,
          scheduleSlip: this.#scheduleSlip,
        }),
    };
  }
}
