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
}

const reference = JSON.parse(readFileSync(new URL('../fixtures/survival-reference.json', import.meta.url), 'utf8')) as {
  gehan: Reference & { restrictedMean35: number };
  risks: Reference;
};

function rowsOf({ time, status }: Pick<Reference, 'time' | 'status'>): DueRow[] {
  const buckets = (of: number) => time.filter((_, i) => status[i] === of).map((valueUs) => ({ valueUs, count: 1 }));
  return dueRows(buckets(1), buckets(2), buckets(0));
}

const shareAt = (steps: readonly Step[], time: number): number =>
  steps.findLast(({ timeUs }) => timeUs <= time)?.share ?? 0;

for (const name of ['gehan', 'risks'] as const) {
  test(`${name}: the incidence is that of R’s survival`, () => {
    const steps = cumulativeIncidence(rowsOf(reference[name]));
    for (const [time, share] of reference[name].incidence) {
      assert.ok(Math.abs(shareAt(steps, time) - share) < 1e-12, `at ${time}: ${shareAt(steps, time)}, R ${share}`);
    }
  });
}

test('the remission times of the 6-MP arm: a median of 23 weeks, as in every textbook', () => {
  const steps = cumulativeIncidence(rowsOf(reference.gehan));
  assert.is(quantileUs(steps, 0.5), 23);
  assert.is(quantileUs(steps, 0.9), null, 'not reached');
});

test('the restricted mean is that of R', () => {
  const steps = cumulativeIncidence(rowsOf(reference.gehan));
  assert.ok(Math.abs(restrictedMeanUs(steps, 35) - reference.gehan.restrictedMean35) < 1e-9);
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

test('it never falls and never passes 1, and the median splits the data when nothing is censored', () => {
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
