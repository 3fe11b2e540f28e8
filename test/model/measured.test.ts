import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bucketKeysOf, predictExpiry } from '../../src/model/expire-cycle.ts';

const within = (predicted: number, measured: number, what: string): void => {
  assert.ok(Math.abs(predicted / measured - 1) <= 0.15, `${what}: predicted ${predicted}, measured ${measured}`);
};

interface Measured {
  live: number;
  perSecond?: number;
  burst?: number;
  hz: number;
  effort: number;
  engine?: readonly [string, string];
  meanSeconds?: number;
  p50Seconds?: number;
  p99Seconds?: number;
  /** Of a burst that takes longer than anyone waits. */
  shareIn60Seconds?: number;
}

/** Measured on Redis 7.0.15 before there was a model; the last of a burst's lags stands for its p99. */
const BEFORE: readonly Measured[] = [
  { live: 10_000, burst: 1_000, hz: 10, effort: 1, p50Seconds: 21.0, p99Seconds: 38.9 },
  { live: 10_000, burst: 1_000, hz: 100, effort: 1, p50Seconds: 1.91, p99Seconds: 3.93 },
  { live: 10_000, burst: 1_000, hz: 10, effort: 10, p50Seconds: 0.18, p99Seconds: 0.283 },
  { live: 5_800, perSecond: 200, hz: 10, effort: 1, meanSeconds: 3.72, p99Seconds: 7.81 },
];

/** By `npm run model` on Redis 7.0.15, and with `-- --server` on others. What falls due has a TTL of 1 s. */
const CELLS: readonly Measured[] = [
  { live: 1_000, perSecond: 0.1, hz: 100, effort: 1, p50Seconds: 0.234, p99Seconds: 0.489 },
  { live: 1_000, perSecond: 5, hz: 10, effort: 1, p50Seconds: 2.59, p99Seconds: 5.11 },
  { live: 100_000, perSecond: 1_000, hz: 100, effort: 1, p50Seconds: 10.4, p99Seconds: 21.1 },
  { live: 100_000, perSecond: 1_000, hz: 10, effort: 5, p50Seconds: 8.71, p99Seconds: 17.5 },
  { live: 100_000, perSecond: 10, hz: 100, effort: 10, p50Seconds: 7.48, p99Seconds: 15.6 },
  { live: 10_000, perSecond: 200, hz: 10, effort: 1, p50Seconds: 6.39, p99Seconds: 12.9 },
  { live: 5_800, perSecond: 200, hz: 10, effort: 1, p50Seconds: 3.6, p99Seconds: 7.62 },
  { live: 10_000, perSecond: 100, hz: 10, effort: 5, p50Seconds: 4.55, p99Seconds: 9.54 },
  { live: 10_000, perSecond: 20, hz: 100, effort: 5, p50Seconds: 1.34, p99Seconds: 2.66 },
  { live: 10_000, perSecond: 100, hz: 100, effort: 1, p50Seconds: 2.59, p99Seconds: 5.62 },
  { live: 10_000, perSecond: 100, hz: 10, effort: 10, p50Seconds: 2, p99Seconds: 4.46 },
  { live: 10_000, perSecond: 1_000, hz: 10, effort: 1, p50Seconds: 2.12, p99Seconds: 4.34 },
  { live: 1_000, perSecond: 50, hz: 10, effort: 1, p50Seconds: 1.47, p99Seconds: 3.12 },
  { live: 100_000, burst: 1_000, hz: 10, effort: 1, shareIn60Seconds: 0.116 },
  { live: 100_000, burst: 1_000, hz: 100, effort: 1, p50Seconds: 25.7, p99Seconds: 50.6 },
  { live: 100_000, burst: 10_000, hz: 10, effort: 5, p50Seconds: 38.2, shareIn60Seconds: 0.773 },
  { live: 10_000, burst: 1_000, hz: 10, effort: 1, p50Seconds: 17.7, p99Seconds: 39.5 },
  { live: 10_000, burst: 1_000, hz: 100, effort: 1, p50Seconds: 2.03, p99Seconds: 4.03 },
  { live: 0, burst: 100_000, hz: 10, effort: 1, p50Seconds: 0.216, p99Seconds: 0.531 },
  { live: 10_000, perSecond: 10_000, hz: 10, effort: 1, p50Seconds: 0.59, p99Seconds: 1.27 },
  { live: 100_000, perSecond: 10_000, hz: 10, effort: 1, p50Seconds: 3.24, p99Seconds: 6.64 },
  { live: 10_000, burst: 300, hz: 10, effort: 10, p50Seconds: 3.54, p99Seconds: 6.7 },
  { live: 1_000, perSecond: 50, hz: 10, effort: 1, engine: ['valkey', '8.1'], p50Seconds: 1.49, p99Seconds: 3.06 },
  { live: 10_000, perSecond: 1_000, hz: 10, effort: 1, engine: ['valkey', '8.1'], p50Seconds: 1.81, p99Seconds: 3.86 },
  { live: 1_000, perSecond: 50, hz: 10, effort: 1, engine: ['redis', '8.0'], p50Seconds: 1.47, p99Seconds: 3.23 },
  { live: 10_000, perSecond: 1_000, hz: 10, effort: 1, engine: ['redis', '8.0'], p50Seconds: 2.07, p99Seconds: 4.34 },
  { live: 1_000, perSecond: 50, hz: 10, effort: 1, engine: ['valkey', '9.1'], p50Seconds: 1.51, p99Seconds: 3.16 },
  { live: 10_000, perSecond: 1_000, hz: 10, effort: 1, engine: ['valkey', '9.1'], p50Seconds: 1.82, p99Seconds: 3.78 },
];

for (const cell of [...BEFORE, ...CELLS]) {
  const { live, perSecond = 0, burst = 0, hz, effort, engine = ['redis', '7.0.15'] } = cell;
  const due = burst > 0 ? `${burst} at once` : `${perSecond}/s`;
  test(`${live} live, ${due}, hz ${hz}, effort ${effort}, ${engine.join(' ')}`, () => {
    const workload = { liveKeys: live + perSecond, duePerSecond: perSecond, burst };
    const predicted = predictExpiry(workload, { hz, effort, bucketKeys: bucketKeysOf(...engine) });
    if (cell.meanSeconds) within(predicted.meanSeconds, cell.meanSeconds, 'mean');
    if (cell.p50Seconds) within(predicted.p50Seconds, cell.p50Seconds, 'p50');
    if (cell.p99Seconds) within(predicted.p99Seconds, cell.p99Seconds, 'p99');
    if (cell.shareIn60Seconds) within(predicted.shareWithin(60), cell.shareIn60Seconds, 'share in 60 s');
  });
}

test('100,000 at once and nothing else: all within 0.7 s, as measured', () => {
  const herd = predictExpiry({ liveKeys: 0, duePerSecond: 0, burst: 100_000 }, { hz: 10, effort: 1 });
  within(herd.sweepSeconds, 0.7, 'the last');
});

test.run();
