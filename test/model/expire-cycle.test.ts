import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bucketKeysOf, type CycleSettings, type CycleWorkload, predictExpiry } from '../../src/model/expire-cycle.ts';

const within = (share: number, predicted: number, expected: number, what: string): void => {
  assert.ok(Math.abs(predicted / expected - 1) <= share, `${what}: predicted ${predicted}, expected ${expected}`);
};
const DEFAULTS: CycleSettings = { hz: 10, effort: 1 };

test('few keys due among many wait for a sweep of N / (K · hz), evenly', () => {
  const few = predictExpiry({ liveKeys: 1_000_000, duePerSecond: 0.01 }, DEFAULTS);
  within(0.05, few.sweepSeconds, 5000, 'sweep');
  within(0.05, few.p50Seconds, 2500, 'p50');
  within(0.05, few.p99Seconds, 4950, 'p99');
  within(0.05, few.shareWithin(1000), 0.2, 'share within 1,000 s');
});

test('a key in a million is found as late whether others fall due or not', () => {
  const none = predictExpiry({ liveKeys: 1_000_000, duePerSecond: 0 }, DEFAULTS);
  const few = predictExpiry({ liveKeys: 1_000_000, duePerSecond: 0.01 }, DEFAULTS);
  within(0.001, none.p50Seconds, few.p50Seconds, 'p50');
  assert.is(none.staleKeys, 0);
});

test('a herd alone is a matter of the time budget, and prompt but for its last hundredth', () => {
  const herd = predictExpiry({ liveKeys: 0, duePerSecond: 0, burst: 100_000 }, DEFAULTS);
  assert.ok(herd.isBudgetBound);
  assert.ok(herd.p99Seconds < 1, `${herd.p99Seconds} s`);
  const almostAll = herd.shareWithin(0.9 * herd.p99Seconds);
  assert.ok(almostAll > 0.98 && almostAll < 0.99, `${almostAll} until the table is resized`);
  const dearer = predictExpiry({ liveKeys: 0, duePerSecond: 0, burst: 100_000 }, DEFAULTS, {
    visitUs: 0.1,
    deletionUs: 7,
  });
  within(0.4, dearer.p50Seconds, 10 * herd.p50Seconds, 'deletions ten times as dear');
});

test('a herd that leaves sessions in the table does not wait for a resize', () => {
  const lags = predictExpiry({ liveKeys: 5_000, duePerSecond: 0, burst: 100_000 }, DEFAULTS);
  assert.ok(lags.p99Seconds < predictExpiry({ liveKeys: 0, duePerSecond: 0, burst: 100_000 }, DEFAULTS).p99Seconds);
});

test('a burst falls on what is stale already', () => {
  const workload = { liveKeys: 10_000, duePerSecond: 100 };
  const steady = predictExpiry(workload, DEFAULTS);
  const both = predictExpiry({ ...workload, burst: 1_000 }, DEFAULTS);
  const alone = predictExpiry({ ...workload, duePerSecond: 0, burst: 1_000 }, DEFAULTS);
  within(0.1, both.staleKeys, 1_000 + steady.staleKeys, 'stale at its start');
  assert.ok(both.p50Seconds < alone.p50Seconds, 'the more are due, the faster the cycle goes');
});

test('more than the budget deletes grows without end', () => {
  const growing = predictExpiry({ liveKeys: 100_000, duePerSecond: 1_000_000 }, DEFAULTS);
  assert.not(growing.keepsUp);
  assert.ok(growing.isBudgetBound);
  assert.is(growing.p50Seconds, Infinity);
  assert.is(growing.staleKeys, Infinity);
  assert.is(growing.shareWithin(3600), 0);
  const busy = predictExpiry({ liveKeys: 100_000, duePerSecond: 200_000 }, DEFAULTS);
  assert.ok(busy.keepsUp && busy.isBudgetBound);
  assert.ok(busy.staleKeys > 10_000 && busy.staleKeys < 1_000_000, `${busy.staleKeys}`);
});

test('buckets of seven are visited whole: as measured on Valkey 8.1, 19.7 s with chains', () => {
  const burst = { liveKeys: 10_000, duePerSecond: 0, burst: 1_000 };
  const { p50Seconds, p99Seconds } = predictExpiry(burst, { ...DEFAULTS, bucketKeys: bucketKeysOf('valkey', '8.1.4') });
  within(0.15, p50Seconds, 15.4, 'p50');
  within(0.15, p99Seconds, 32.7, 'p99');
});

test('which servers have them', () => {
  const of = (engine: string, version: string) => bucketKeysOf(engine, version);
  assert.equal([of('valkey', '8.1.0'), of('valkey', '9.0.1'), of('valkey', '10.0.0')], [7, 7, 7]);
  assert.equal([of('valkey', '8.0.6'), of('redis', '8.1.0'), of('redis', '7.0.15')], [1, 1, 1]);
});

test('the timer has whole milliseconds: hz 340 is hz 500, hz 300 is 333', () => {
  const lagAt = (hz: number): number =>
    predictExpiry({ liveKeys: 1_000_000, duePerSecond: 0 }, { hz, effort: 1 }).p50Seconds;
  assert.is(lagAt(340), lagAt(500));
  within(0.001, lagAt(300), lagAt(333), 'hz 300');
});

test('nothing else in the table: the next cycle finds what falls due', () => {
  for (const duePerSecond of [0, 5, 1000]) {
    const { p50Seconds, p99Seconds, staleKeys } = predictExpiry({ liveKeys: 0, duePerSecond }, DEFAULTS);
    within(0.1, p50Seconds, 0.05, 'p50');
    within(0.1, p99Seconds, 0.1, 'p99');
    within(0.1, staleKeys + 1, 0.05 * duePerSecond + 1, 'stale');
  }
});

const workloads = fc.record({
  liveKeys: fc.integer({ min: 0, max: 1_000_000 }),
  duePerSecond: fc.double({ min: 0.01, max: 2000, noNaN: true }),
  burst: fc.constantFrom(0, 0, 10, 5_000),
});
const settings = fc.record({ hz: fc.integer({ min: 1, max: 500 }), effort: fc.integer({ min: 1, max: 10 }) });

test('lags are a distribution', () => {
  fc.assert(
    fc.property(workloads, settings, (workload, set) => {
      const { p50Seconds, p99Seconds, meanSeconds, shareWithin } = predictExpiry(workload, set);
      assert.ok(p50Seconds <= p99Seconds);
      assert.ok(meanSeconds > 0);
      assert.is(shareWithin(0), 0);
      assert.is(shareWithin(1e9), 1);
      if (workload.burst > 0) return;
      within(0.001, shareWithin(p50Seconds), 0.5, 'within p50');
      within(0.001, shareWithin(p99Seconds), 0.99, 'within p99');
    }),
    { numRuns: 40 },
  );
});

test("Little's law: what is stale is the rate times the mean lag, and the share that the cursor finds", () => {
  fc.assert(
    fc.property(workloads, settings, ({ liveKeys, duePerSecond }, set) => {
      const { staleKeys, meanSeconds, sweepSeconds } = predictExpiry({ liveKeys, duePerSecond }, set);
      within(1e-9, staleKeys, duePerSecond * meanSeconds, 'stale');
      assert.ok(meanSeconds <= sweepSeconds + 0.002, 'half a sweep where all are as long, more where they vary');
      assert.ok(meanSeconds >= sweepSeconds / 2, `mean ${meanSeconds}, sweep ${sweepSeconds}`);
    }),
    { numRuns: 40 },
  );
});

test('a higher hz or effort never makes it later, more live keys never sooner', () => {
  const chance = 1.1;
  fc.assert(
    fc.property(workloads, settings, (workload, { hz, effort }) => {
      const steady: CycleWorkload = { ...workload, burst: 0 };
      const { meanSeconds } = predictExpiry(steady, { hz, effort });
      assert.ok(predictExpiry(steady, { hz: Math.min(500, 2 * hz), effort }).meanSeconds <= meanSeconds * chance);
      assert.ok(predictExpiry(steady, { hz, effort: Math.min(10, effort + 1) }).meanSeconds <= meanSeconds * chance);
      const crowded = { ...steady, liveKeys: 2 * steady.liveKeys };
      assert.ok(predictExpiry(crowded, { hz, effort }).meanSeconds * chance >= meanSeconds);
    }),
    { numRuns: 40 },
  );
});

test('the same question has the same answer', () => {
  const ask = () => predictExpiry({ liveKeys: 20_000, duePerSecond: 10_000 }, DEFAULTS).p99Seconds;
  assert.is(ask(), ask());
});

test('what cannot be is refused, with its name and value', () => {
  const refused = (workload: Partial<CycleWorkload>, set: Partial<CycleSettings> = {}): (() => void) => {
    return () => predictExpiry({ liveKeys: 1, duePerSecond: 1, ...workload }, { ...DEFAULTS, ...set });
  };
  assert.throws(refused({ liveKeys: -1 }), /liveKeys is -1/);
  assert.throws(refused({ duePerSecond: Number.NaN }), /duePerSecond is NaN/);
  assert.throws(refused({ burst: Infinity }), /burst is Infinity/);
  assert.throws(refused({}, { hz: 0 }), /hz is 0; it is from 1 to 500/);
  assert.throws(refused({}, { effort: 11 }), /effort is 11; it is from 1 to 10/);
  assert.throws(refused({}, { bucketKeys: 0 }), /bucketKeys is 0; it is 1 or more/);
});

test.run();
