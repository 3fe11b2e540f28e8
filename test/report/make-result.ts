import { Tally } from '../../src/ledger/tally.ts';
import { LAG_BOUNDS_SECONDS } from '../../src/result/lag-bounds.ts';
import { type Result, resultSchema } from '../../src/result/schema.ts';

const spread = { count: 10, p50: 0.0001, p90: 0.0002, p99: 0.0011, max: 0.004 };
const none = { row: [], bound: [], count: [] };
const cohortSeries = {
  attempted: [1000],
  due: [0],
  live: [1000],
  stale: [0],
  oldestStaleSeconds: [0],
  expired: [0],
  evictedEarly: [0],
  evictedStale: [0],
  delivered: { cycle: none, command: none },
};
const held = { state: 'held' as const, reason: null, fences: 12, worstDifference: 0 };

/** 1,000 sessions: 588 heard, `lagMs` for the i-th of them; 412 stale after 30 s. */
export function lateTally(lagMs = (i: number): number => 11_200 + i): Tally {
  const tally = new Tally();
  tally.counts.attempted = 1000;
  for (let i = 0; i < 588; i++) tally.expired(lagMs(i), 'cycle');
  for (let i = 0; i < 412; i++) tally.stale(30_000);
  return tally;
}

/** A valid result about these cohorts, what `changes` says changed. */
export function makeResult(
  cohorts: Readonly<Record<string, Tally>> = { visitors: lateTally() },
  changes: Partial<Result> = {},
): Result {
  const totals = new Tally();
  for (const tally of Object.values(cohorts)) totals.add(tally);
  return resultSchema.parse({
    schema: 'ttlscope.result/1',
    run: '0badcafe',
    version: '1.2.3',
    verdict: { state: 'valid', reasons: [] },
    scenario: { name: 'made' },
    seed: 1,
    segment: { index: 1, of: 1 },
    command: 'ttlscope run made.yml',
    startedAt: '2026-01-02T03:04:05.000Z',
    measuredFromMs: 1_767_323_046_000,
    phases: { measure: 30 },
    server: {
      engine: 'redis',
      version: '7.0.15',
      embedded: true,
      endpoint: 'redis://127.0.0.1:6379/0',
      effectiveHz: 10,
      settings: { hz: '10' },
      changed: [],
    },
    totals: totals.toResult(),
    cohorts: Object.fromEntries(Object.entries(cohorts).map(([name, tally]) => [name, tally.toResult()])),
    serverUse: {
      overSeconds: 30,
      cpuSeconds: 0.31,
      expireCycleCpuSeconds: 0.025,
      peakUsedMemoryBytes: 2.5e6,
      commandsProcessed: 2000,
      expiredKeys: 588,
      evictedKeys: 0,
      expiredTimeCapReached: 0,
      evictionExceededSeconds: null,
    },
    serverSamples: {
      everySeconds: 1,
      atSeconds: [0, 30],
      series: { usedMemoryBytes: [2.5e6, 1e6], maxmemoryBytes: [0, 0] },
      cost: {
        samples: 2,
        skipped: 0,
        roundTripSeconds: { ...spread, count: 2 },
        bytes: 11_000,
        infoCalls: 32,
        infoSeconds: 0.0021,
      },
      ended: null,
    },
    staleMemoryBytes: {
      value: 210_000,
      overheadBytes: { visitors: 300 },
      sessionBytes: { visitors: 500 },
      method: 'made',
    },
    slowSubscribers: null,
    thresholds: [],
    instrument: {
      clockOffsetMs: 1.5e12,
      clockErrorMs: 0.06,
      clockSteps: [],
      deadlineErrorMs: { p99: 0, max: 0 },
      deadlineCheck: { sampled: 9, worstErrorMs: 0.1, worstBoundMs: 0.6 },
      deliveryDelaySeconds: spread,
      eventLoopDelaySeconds: { main: { p50: 0, p99: 0.002, max: 0.01 }, observer: { p50: 0, p99: 0.001, max: 0.01 } },
      observerStalls: { count: 0, longestMs: 0, heard: 0 },
      scheduleSlipSeconds: spread,
      gaps: [],
      stalls: [],
      canaries: {
        planned: 40,
        flippedOnTime: 40,
        violations: [],
        lastPresentMs: 0.998,
        firstGoneMs: 1.004,
        deliveryDelaySeconds: spread,
      },
      staleCountCheck: held,
      expiredKeysCheck: held,
      evictedKeysCheck: held,
      littlesLaw: { ...held, staleSecondsByServer: 5, staleSecondsByLives: 5, overlapSeconds: 5.1 },
      strays: 0,
      errors: {},
    },
    series: {
      atSeconds: [1],
      created: [1000],
      heard: [0],
      live: [1000],
      stale: [0],
      staleMemoryBytes: [0],
      evictedEarly: [0],
      evictedStale: [0],
      cohorts: Object.fromEntries(Object.keys(cohorts).map((name) => [name, cohortSeries])),
      lagBoundsSeconds: [...LAG_BOUNDS_SECONDS],
      lagQuantiles: { row: [0], p50: [null], p90: [null], p99: [null] },
    },
    ...changes,
  });
}
