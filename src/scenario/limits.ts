export const DAY_MS = 86_400_000;

/** Of a TTL and the duration together: a ledger's row carries deadlines up to 49.7 days from the run's start. */
export const LONGEST_TTL_MS = 45 * DAY_MS;

/** Node's timers reach 24.8 days. */
export const LONGEST_RUN_MS = 24 * DAY_MS;

/** A thirty-second of what Redis takes for a value by default. A draw beyond this is cut to it. */
export const LARGEST_PAYLOAD_BYTES = 16 * 1024 * 1024;

export const MOST_COHORTS = 255;
export const MOST_SESSIONS = 50_000_000;

/** Of a cohort: Zipf's normalisation is a sum over all of them. */
export const MOST_USERS = 10_000_000;

/** Each is a connection that the server keeps up to its output buffer limit for. */
export const MOST_SLOW_SUBSCRIBERS = 1000;
