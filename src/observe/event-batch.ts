/** What a message of the subscription tells. */
export const EVENT = { expired: 1, evicted: 2, new: 3, fence: 4, hexpired: 5 } as const;

/** Whose key it is about. */
export const SPACE = { session: 1, canary: 2, foreign: 3, fence: 4, fields: 5 } as const;

/** What one read of one subscription completed; every message in it shares the arrival. In stream order, never empty. */
export interface EventBatch {
  /** Position in `ObserverOptions.nodes`. */
  node: number;
  /** Monotonic clock on entry to the read callback, before anything was parsed. */
  arrivalMonoMs: number;
  /** EVENT << 4 | SPACE of each message. */
  codes: Uint8Array;
  /** Session index, canary number or fence sequence of each message; 0 for others. */
  values: Uint32Array;
}
