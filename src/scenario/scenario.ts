import type { Axis } from './axis.ts';
import type { RefreshKind, StoreChoice } from './store.ts';

/** A distribution of durations in ms, or of sizes in bytes. */
export type Distribution =
  | { kind: 'fixed'; value: number }
  | { kind: 'uniform'; min: number; max: number }
  | { kind: 'exponential'; mean: number }
  | { kind: 'lognormal'; median: number; sigma: number }
  | { kind: 'mixture'; parts: { weight: number; of: Distribution }[] };

/** `together`: one deadline shared by the cohort, `value` ms after the start of the measurement. */
export type Ttl = Distribution | { kind: 'together'; value: number };

export interface Refresh {
  kind: RefreshKind;
  /** Refresh only when less than this share of the TTL is left; `null`: on each request. */
  renewBelow: number | null;
}

export interface Users {
  count: number;
  /** Exponent of the rank in a user's rate of requests. */
  zipf: number;
}

/** A corner of a rate over time; two at one time are a jump. */
export interface Knot {
  /** From the start of the measurement. */
  atMs: number;
  /** Arrivals a second. */
  perSecond: number;
}

export type Population =
  | { kind: 'filled'; sessions: number }
  /** The rate is linear between knots, the first of which is at 0, and holds after the last. */
  | { kind: 'arriving'; rate: Knot[]; process: 'poisson' | 'constant' }
  /** The lines of a file that arrive before the end; `file` is absolute. */
  | { kind: 'trace'; file: string; sessions: number };

/** Sessions that arrive, live and refresh alike. */
export interface Cohort {
  name: string;
  population: Population;
  /** `null`: each line of the trace has its own. */
  ttlMs: Ttl | null;
  /** Each TTL is multiplied by a factor that is uniform between 1 − jitter and 1 + jitter. */
  jitter: number;
  payloadBytes: Distribution;
  content: 'json' | 'random';
  /** `null`: each session is a user of its own. */
  users: Users | null;
  /** Length `null`: each line of the trace has its own. */
  activity: { intervalMs: Distribution; lengthMs: Distribution | null } | null;
  store: StoreChoice;
  refresh: Refresh;
  /** Share of the visitors who log out when they leave. */
  logout: number;
}

export type Aggregate = { kind: 'p'; percent: number } | { kind: 'max' | 'min' | 'avg' | 'med' | 'count' | 'rate' };

export interface Threshold {
  metric: string;
  /** `null`: all cohorts together. */
  cohort: string | null;
  /** As written: `p(99)<500ms`. */
  expression: string;
  aggregate: Aggregate;
  operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  /** Seconds, a count, or a share from 0 to 1. */
  bound: number;
}

/** A scenario with every default filled in: plain data, and part of the result. */
export interface Scenario {
  name: string;
  seed: number;
  durationMs: number;
  /** How long to wait after the load ends before outcomes are judged. */
  cutoffMs: number;
  /** Settings of the embedded server, as in redis.conf. */
  server: Record<string, string>;
  /** Subscribers that have stopped reading. */
  slowSubscribers: number;
  thresholds: Threshold[];
  cohorts: Cohort[];
}

/** What a sweep varies beside the scenario; each cell is run `repeats` times. */
export interface SweepPlan {
  over: Axis[];
  repeats: number;
}
