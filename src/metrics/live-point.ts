import type { OutcomeName } from '../ledger/outcome.ts';
import type { ThresholdResult } from '../result/thresholds.ts';
import type { PhaseName } from '../run/progress-status.ts';

/** A second of a run as the live page draws it. Counts are since the start of the run. */
export interface LivePoint {
  /** Server's clock, from the start of the measurement; below 0 in the fill. */
  atSeconds: number;
  created: number;
  due: number;
  /** Sessions whose expired event was heard. */
  heard: number;
  live: number;
  stale: number;
  /** `null`: the server does not tell what a session takes. */
  staleBytes: number | null;
  oldestStaleSeconds: number;
  /** Of the lag of all sessions that fell due so far, the stale censored; `null`: not reached, or none fell due. */
  lagP50Seconds: number | null;
  lagP90Seconds: number | null;
  lagP99Seconds: number | null;
  evictedEarly: number;
  evictedStale: number;
  /** `null`: the server does not tell, or was not asked yet. */
  usedMemoryBytes: number | null;
  /** 0: no limit. */
  maxmemoryBytes: number | null;
  /** Delivered so far with a lag of at most each of `LAG_BOUNDS_SECONDS`, and then all: not cumulative over the bounds. */
  lagCounts: number[];
}

/** What the live page shows of the moment only. */
export interface LiveState {
  run: string;
  scenario: string;
  /** maxmemory-policy */
  policy: string;
  /** Name, version and address of the server, without credentials. */
  server: string;
  startedAtMs: number;
  phase: PhaseName | 'done';
  /** When each phase was entered, in run time like `LivePoint.atSeconds`. */
  phases: { phase: PhaseName; atSeconds: number }[];
  planned: number;
  elapsedSeconds: number;
  /** To the end of the phase; `null`: not known. */
  remainingSeconds: number | null;
  verdict: 'pending' | 'valid' | 'invalid' | 'aborted';
  /** While pending: why the figures cannot be trusted, as far as is known. */
  reasons: string[];
  /** By cohort. */
  cohorts: {
    name: string;
    attempted: number;
    live: number;
    stale: number;
    outcomes: Record<OutcomeName, number>;
    lagP50Seconds: number | null;
    lagP99Seconds: number | null;
  }[];
  thresholds: ThresholdResult[];
}
