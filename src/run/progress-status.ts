export const PHASES = ['connect', 'check', 'prepare', 'fill', 'measure', 'cut off', 'reconcile', 'clean up'] as const;

export type PhaseName = (typeof PHASES)[number];

/** Where a run stands; counts are of sessions so far. */
export interface ProgressStatus {
  phase: PhaseName;
  /** Since the run began. */
  elapsedMs: number;
  /** To the end of the phase; `null`: not known. */
  remainingMs: number | null;
  planned: number;
  created: number;
  /** Past their deadline, notified or still in memory; this and the next two as of the last count, one a second. */
  due: number;
  heard: number;
  stale: number;
  lagP50Ms: number | null;
  lagMaxMs: number | null;
}
