import type { DeadlineBuffers } from '../ledger/deadline-counts.ts';
import type { TallyBuffers } from '../ledger/tally.ts';
import type { ServerField } from '../redis/server-fields.ts';
import type { Result } from '../result/schema.ts';
import type { PhaseName } from './progress-status.ts';

/** What a run is, and where its accounts grow, for whoever shows them meanwhile: plain data and shared memory. */
export interface RunFeed {
  /** The run's name: 8 hex digits, part of its keys. */
  readonly run: string;
  readonly server: {
    readonly engine: string;
    readonly version: string;
    /** Without credentials. */
    readonly endpoint: string;
    readonly hz: number | null;
    readonly policy: string;
    readonly notifyFlags: string;
    /** Hard limit of the output buffer of a subscriber; 0: none, `null`: the server does not tell. */
    readonly pubsubLimitBytes: number | null;
  };
  /** Unix ms of the server's clock at which the run's time is 0. */
  readonly epochMs: number;
  readonly planned: number;
  /** What a session of each cohort takes on average; `null` where the server does not tell. */
  readonly sessionBytes: readonly (number | null)[];
  /** Of each cohort. */
  readonly tallies: readonly TallyBuffers[];
  readonly deadlines: DeadlineBuffers;
  /** See `REQUEST_AT`. */
  readonly requests: SharedArrayBuffer;
  readonly deliveryDelay: SharedArrayBuffer;
  readonly scheduleSlip: SharedArrayBuffer;
}

export type LoopDelay = Result['instrument']['eventLoopDelaySeconds']['main'];

/** What changes at most once a second. Times are run time, ms. */
export interface RunStatus {
  readonly phase: PhaseName;
  readonly phases: readonly { readonly phase: PhaseName; readonly atMs: number }[];
  readonly elapsedMs: number;
  /** To the end of the phase; `null`: not known. */
  readonly remainingMs: number | null;
  readonly nowMs: number;
  /** Start of the measurement. */
  readonly startMs: number;
  /** Outcomes are judged as of it; `null`: still to come. */
  readonly cutOffMs: number | null;
  /** The server's fields as of the latest sample; `null`: none yet. */
  readonly serverFields: Partial<Record<ServerField, number>> | null;
  readonly clockErrorMs: number;
  readonly loopDelay: { readonly main: LoopDelay; readonly observer: LoopDelay | null };
  readonly gaps: number;
  /** Stale sessions at the last count, by the ledger and by the server; `null`: none yet, or the server cannot count them. */
  readonly staleCheck: { readonly ledger: number; readonly server: number } | null;
  /** Why the figures cannot be trusted, as far as is known. */
  readonly faults: readonly string[];
}

/** Gets what a run tells while it lasts; it must not throw, nor take long. */
export interface RunWatcher {
  /** Once, when the server has been prepared: before the first session is made. */
  feed(feed: RunFeed): void;
  /** At each phase, and once a second. */
  status(status: RunStatus): void;
}
