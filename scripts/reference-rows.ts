import type { Cohort, Scenario } from '../src/scenario/scenario.ts';

/** A workload with known figures. */
export interface Row {
  name: string;
  scenario: Scenario;
  /** Where chance decides much, one run says little: the figures are means over so many. */
  runs: number;
  /** The cohort that the figures are of. */
  cohort: string;
  /** Only sessions due within so long after the first of them count, ms. */
  deadlineWindowMs: number;
  /** Known figures, seconds. */
  quoted: Partial<Record<'p50' | 'p99' | 'max' | 'mean', number>>;
}

const DUE_AFTER_MS = 1_000;
const HOUR_MS = 3_600_000;

const COHORT = {
  jitter: 0,
  payloadBytes: { kind: 'fixed', value: 100 },
  content: 'json',
  users: null,
  activity: null,
  store: { name: 'string', creation: 'set-pxat' },
  refresh: { kind: 'none', renewBelow: null },
  logout: 0,
} satisfies Partial<Cohort>;

/** `sessions` due at one moment among `background` keys of an hour, followed for `followMs`. */
function together(
  name: string,
  sessions: number,
  background: number,
  followMs: number,
  runs: number,
  server: Record<string, string>,
  quoted: Row['quoted'],
): Row {
  const due: Cohort = {
    ...COHORT,
    name: 'due',
    population: { kind: 'filled', sessions },
    ttlMs: { kind: 'together', value: DUE_AFTER_MS },
  };
  const rest: Cohort = {
    ...COHORT,
    name: 'background',
    population: { kind: 'filled', sessions: background },
    ttlMs: { kind: 'fixed', value: HOUR_MS },
  };
  const cohorts = background > 0 ? [due, rest] : [due];
  const scenario = {
    name,
    seed: 1,
    durationMs: DUE_AFTER_MS,
    cutoffMs: followMs,
    server,
    slowSubscribers: 0,
    thresholds: [],
    cohorts,
  };
  return { name, scenario, runs, cohort: 'due', deadlineWindowMs: Number.POSITIVE_INFINITY, quoted };
}

const STEADY_TTL_MS = 30_000;
const STEADY_PER_SECOND = 200;
const STEADY_MEASURED_MS = 60_000;
const STEADY_LAST_LAG_MS = 12_000;

/**
 * Arrivals whose deadlines begin when as many sessions with deadlines spread evenly before them have brought the cycle
 * to its steady state; they go on until the last of those measured has been delivered.
 */
function steady(name: string, quoted: Row['quoted']): Row {
  const warmUp: Cohort = {
    ...COHORT,
    name: 'warm-up',
    population: { kind: 'filled', sessions: (STEADY_PER_SECOND * STEADY_TTL_MS) / 1000 },
    ttlMs: { kind: 'uniform', min: 1, max: STEADY_TTL_MS },
  };
  const arriving: Cohort = {
    ...COHORT,
    name: 'arriving',
    population: { kind: 'arriving', rate: [{ atMs: 0, perSecond: STEADY_PER_SECOND }], process: 'poisson' },
    ttlMs: { kind: 'fixed', value: STEADY_TTL_MS },
  };
  const durationMs = STEADY_TTL_MS + STEADY_MEASURED_MS + STEADY_LAST_LAG_MS;
  const cohorts = [warmUp, arriving];
  const scenario = { name, seed: 1, durationMs, cutoffMs: 0, server: {}, slowSubscribers: 0, thresholds: [], cohorts };
  return { name, scenario, runs: 1, cohort: 'arriving', deadlineWindowMs: STEADY_MEASURED_MS, quoted };
}

/** Measured on Redis 7.0.15 (the first five), and the public table of redis PR #15620. */
export const ROWS: readonly Row[] = [
  together('1000-of-11000', 1_000, 10_000, 60_000, 1, {}, { p50: 21.0, max: 38.9 }),
  together('same-hz-100', 1_000, 10_000, 8_000, 3, { hz: '100' }, { p50: 1.91, max: 3.93 }),
  together('same-effort-10', 1_000, 10_000, 2_000, 15, { 'active-expire-effort': '10' }, { p50: 0.18, max: 0.283 }),
  steady('steady-200/s-30s', { mean: 3.72, p99: 7.81 }),
  together('herd-100k', 100_000, 0, 3_000, 5, {}, { max: 0.7 }),
  together('pr-15620-0', 1_000, 0, 2_000, 15, {}, { p50: 0.207 }),
  together('pr-15620-10k', 1_000, 10_000, 60_000, 1, {}, { p50: 16.5 }),
];
