import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cumulativeIncidence,
  type DueRow,
  dueRows,
  quantileUs,
  restrictedMeanUs,
  type Step,
} from '../../src/ledger/survival.ts';

interface Reference {
  time: number[];
  /** 0 censored, 1 notified, 2 ended otherwise. */
  status: number[];
  /** R's estimate at each time. */
  incidence: [number, number][];
  /** The last time, and R's mean up to it. */
  horizon: number;
  restrictedMean: number;
}

const reference = JSON.parse(readFileSync(new URL('../fixtures/survival-reference.json', import.meta.url), 'utf8')) as {
  gehan: Reference;
  risks: Reference;
  mgus2: Reference;
};

function rowsOf({ time, status }: Pick<Reference, 'time' | 'status'>): DueRow[] {
  const buckets = (of: number) => time.filter((_, i) => status[i] === of).map((valueUs) => ({ valueUs, count: 1 }));
  return dueRows(buckets(1), buckets(2), buckets(0));
}

const shareAt = (steps: readonly Step[], time: number): number =>
  steps.findLast(({ timeUs }) => timeUs <= time)?.share ?? 0;

for (const name of ['gehan', 'risks', 'mgus2'] as const) {
  test(`${name}: the incidence and the restricted mean are those of R’s survival`, () => {
    const steps = cumulativeIncidence(rowsOf(reference[name]));
    for (const [time, share] of reference[name].incidence) {
      assert.ok(Math.abs(shareAt(steps, time) - share) < 1e-12, `at ${time}: ${shareAt(steps, time)}, R ${share}`);
    }
    const { horizon, restrictedMean } = reference[name];
    assert.ok(Math.abs(restrictedMeanUs(steps, horizon) - restrictedMean) < 1e-9);
  });
}

test('the remission times of the 6-MP arm: a median of 23 weeks, as in every textbook', () => {
  const steps = cumulativeIncidence(rowsOf(reference.gehan));
  assert.is(quantileUs(steps, 0.5), 23);
  assert.is(quantileUs(steps, 0.9), null, 'not reached');
});

test('by hand: at one time, ends come before censoring, and competing ends leave the risk set unheard', () => {
  // 5 at risk at 1: one heard, one evicted, one censored; of the 2 left at 2 one is evicted, the last is heard at 3.
  const steps = cumulativeIncidence([
    { timeUs: 1, notified: 1, competing: 1, censored: 1 },
    { timeUs: 2, notified: 0, competing: 1, censored: 0 },
    { timeUs: 3, notified: 1, competing: 0, censored: 0 },
  ]);
  assert.equal(
    steps.map(({ timeUs, share }) => [timeUs, Number(share.toFixed(12))]),
    [
      [1, 0.2],
      [3, 0.5], // 1/5 + 3/5 (alive after 1) × 1/2 (after 2) × 1
    ],
  );
  assert.is(quantileUs(steps, 0.5), 3);
  assert.is(quantileUs(steps, 0.51), null, 'half of them were never notified');
  assert.ok(Math.abs(restrictedMeanUs(steps, 4) - (1 + 2 * 0.8 + 0.5)) < 1e-12);
});

test('a quantile is the least time at which its share is reached', () => {
  const steps = [
    { timeUs: 10, share: 0.25 },
    { timeUs: 20, share: 0.5 },
  ];
  assert.equal(
    [0.1, 0.25, 0.26, 0.5, 0.51].map((share) => quantileUs(steps, share)),
    [10, 10, 20, 20, null],
  );
  assert.is(quantileUs([], 0.5), null);
});

test('the rounding of 20,000 steps hides no quantile of 50 million sessions', () => {
  const rows: DueRow[] = Array.from({ length: 20_000 }, (_, timeUs) => {
    return { timeUs, notified: 1 + ((timeUs * 7919) % 5000), competing: 0, censored: 0 };
  });
  const total = rows.reduce((sum, { notified }) => sum + notified, 0);
  const steps = cumulativeIncidence(rows);
  let heard = 0;
  for (const { timeUs, notified } of rows) {
    heard += notified;
    if (timeUs % 100 !== 0) continue;
    assert.is(quantileUs(steps, heard / total), timeUs);
    assert.is(quantileUs(steps, (heard + 1) / total), timeUs + 1);
  }
});

const times = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 60 });

test('with nothing censored it is the share of those heard by then', () => {
  fc.assert(
    fc.property(times, (time) => {
      const steps = cumulativeIncidence(rowsOf({ time, status: time.map(() => 1) }));
      for (const at of time) {
        const heard = time.filter((other) => other <= at).length / time.length;
        assert.ok(Math.abs(shareAt(steps, at) - heard) < 1e-9);
      }
      const mean = time.reduce((sum, at) => sum + at, 0) / time.length;
      assert.ok(Math.abs(restrictedMeanUs(steps, 50) - mean) < 1e-9);
    }),
  );
});

test('it never falls and never passes 1', () => {
  const data = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 2 })), { maxLength: 80 });
  fc.assert(
    fc.property(data, (pairs) => {
      const steps = cumulativeIncidence(
        rowsOf({ time: pairs.map(([at]) => at), status: pairs.map(([, status]) => status) }),
      );
      let before = 0;
      for (const { share } of steps) {
        assert.ok(share >= before && share <= 1 + 1e-9);
        before = share;
      }
    }),
  );
});

test('undelivered sessions push the quantile out: 416 of 1000 delivered have no median', () => {
  const steps = cumulativeIncidence(dueRows([{ valueUs: 90, count: 416 }], [], [{ valueUs: 180, count: 584 }]));
  assert.is(quantileUs(steps, 0.5), null);
  assert.is(quantileUs(steps, 0.416), 90);
});

test.run();
