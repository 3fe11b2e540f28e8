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

/** Sessions that arrive, live and refresh alike. */
export interface Cohort {
  name: string;
  population:
    | { kind: 'filled'; sessions: number }
    | { kind: 'arriving'; perSecond: number; process: 'poisson' | 'constant' };
  ttlMs: Ttl;
  payloadBytes: Distribution;
  activity: { intervalMs: Distribution; lengthMs: Distribution } | null;
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
  thresholds: Threshold[];
  cohorts: Cohort[];
}
