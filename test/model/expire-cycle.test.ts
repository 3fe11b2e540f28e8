import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CycleSettings, type CycleWorkload, predictExpiry } from '../../src/model/expire-cycle.ts';

const within = (share: number, predicted: number, measured: number, what: string): void => {
  assert.ok(Math.abs(predicted / measured - 1) <= share, `${what}: predicted ${predicted}, measured ${measured}`);
};

/** Measured on Redis 7.0.15 with 10,000 sessions of 1 h, and 1,000 that fall due at once. */
const BURSTS = [
  { hz: 10, effort: 1, p50: 21.0, max: 38.9 },
  { hz: 100, effort: 1, p50: 1.91, max: 3.93 },
  { hz: 10, effort: 10, p50: 0.18, max: 0.283 },
];

for (const { hz, effort, p50, max } of BURSTS) {
  test(`1,000 of 11,000 keys due at once, hz ${hz}, effort ${effort}`, () => {
    const { p50Seconds, p99Seconds } = predictExpiry(
      { liveKeys: 10_000, duePerSecond: 0, burst: 1000 },
      { hz, effort },
    );
    within(0.15, p50Seconds, p50, 'p50');
    within(0.15, p99Seconds, max, 'max');
  });
}

test('200 a second with a TTL of 30 s, as measured on Redis 7.0.15', () => {
  const { meanSeconds, p99Seconds } = predictExpiry({ liveKeys: 6000, duePerSecond: 200 }, { hz: 10, effort: 1 });
  within(0.15, meanSeconds, 3.72, 'mean');
  within(0.15, p99Seconds, 7.81, 'p99');
});

test('few keys due among many wait for a sweep of N / (K · hz), evenly', () => {
  const { p50Seconds, sweepSeconds, shareWithin } = predictExpiry(
    { liveKeys: 1_000_000, duePerSecond: 0.01 },
    { hz: 10, effort: 1 },
  );
  within(0.05, sweepSeconds, 5000, 'sweep');
  within(0.05, p50Seconds, 2500, 'p50');
  within(0.05, shareWithin(1000), 0.2, 'share within 1,000 s');
});

test('a herd alone is a matter of the time budget, and prompt', () => {
  const herd = predictExpiry({ liveKeys: 0, duePerSecond: 0, burst: 100_000 }, { hz: 10, effort: 1 });
  assert.ok(herd.isBudgetBound);
  assert.ok(herd.p99Seconds < 2, `${herd.p99Seconds} s`);
  const trickle = predictExpiry({ liveKeys: 100_000, duePerSecond: 1 }, { hz: 10, effort: 1 });
  assert.not(trickle.isBudgetBound);
  assert.ok(trickle.p99Seconds > 100 * herd.p99Seconds);
});

const workloads = fc.record({
  liveKeys: fc.integer({ min: 0, max: 1_000_000 }),
  duePerSecond: fc.double({ min: 0.01, max: 2000, noNaN: true }),
});
const settings = fc.record({ hz: fc.integer({ min: 1, max: 500 }), effort: fc.integer({ min: 1, max: 10 }) });
const predict = (workload: CycleWorkload, { hz, effort }: CycleSettings) => predictExpiry(workload, { hz, effort });

test('it is a distribution: the quantiles are where the share is, the mean is between', () => {
  fc.assert(
    fc.property(workloads, settings, (workload, set) => {
      const { p50Seconds, p99Seconds, meanSeconds, shareWithin } = predict(workload, set);
      assert.ok(p50Seconds <= p99Seconds);
      assert.ok(meanSeconds > 0 && meanSeconds <= p99Seconds);
      assert.ok(Math.abs(shareWithin(p50Seconds) - 0.5) < 0.15, `${shareWithin(p50Seconds)} within p50`);
      assert.ok(shareWithin(p99Seconds) >= 0.989);
      assert.is(shareWithin(0), 0);
    }),
    { numRuns: 20 },
  );
});

test("Little's law: what is stale is the rate times the mean lag", () => {
  fc.assert(
    fc.property(workloads, settings, (workload, set) => {
      const { staleKeys, meanSeconds } = predict(workload, set);
      within(1e-9, staleKeys, workload.duePerSecond * meanSeconds, 'stale');
    }),
    { numRuns: 20 },
  );
});

test('a higher hz or effort never makes it later, more live keys never sooner', () => {
  fc.assert(
    fc.property(workloads, settings, (workload, { hz, effort }) => {
      const { meanSeconds } = predict(workload, { hz, effort });
      const roundings = 1.001;
      assert.ok(predict(workload, { hz: Math.min(500, 2 * hz), effort }).meanSeconds <= meanSeconds * roundings);
      const crowded = { ...workload, liveKeys: 2 * workload.liveKeys };
      assert.ok(predict(crowded, { hz, effort }).meanSeconds * roundings >= meanSeconds);
    }),
    { numRuns: 20 },
  );
});

test('nothing in the table: the next cycle finds what falls due', () => {
  const { p50Seconds, p99Seconds, staleKeys } = predictExpiry({ liveKeys: 0, duePerSecond: 0 }, { hz: 10, effort: 1 });
  assert.ok(p50Seconds > 0.03 && p99Seconds <= 0.101, `${p50Seconds} ${p99Seconds}`);
  assert.is(staleKeys, 0);
});

test('what cannot be is refused, with its name and value', () => {
  const refused = (workload: Partial<CycleWorkload>, set: Partial<CycleSettings> = {}): (() => void) => {
    return () => predictExpiry({ liveKeys: 1, duePerSecond: 1, ...workload }, { hz: 10, effort: 1, ...set });
  };
  assert.throws(refused({ liveKeys: -1 }), /liveKeys is -1/);
  assert.throws(refused({ duePerSecond: Number.NaN }), /duePerSecond is NaN/);
  assert.throws(refused({}, { hz: 0 }), /hz is 0; it is from 1 to 500/);
  assert.throws(refused({}, { effort: 11 }), /effort is 11; it is from 1 to 10/);
});

test.run();
