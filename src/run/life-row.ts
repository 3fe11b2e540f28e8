import type { OutcomeName } from '../ledger/outcome.ts';

/** One life of a session. Times are Unix ms in the server's clock; what there is none of is `null`. */
export interface LifeRow {
  key: string;
  cohort: string;
  deadlineMs: number | null;
  outcome: OutcomeName;
  cause: string | null;
  heardMs: number | null;
  lagMs: number | null;
  /** Whether outcome, cause or deadline could not be decided within the measured errors. */
  ambiguous: boolean;
}
