import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExactFacts, LagHistogram } from '../../src/ledger/lag-histogram.ts';

const LONGEST_US = 45 * 86_400 * 1e6;

function histogramOf(values: readonly number[]): LagHistogram {
  const histogram = new LagHistogram();
  for (const us of values) histogram.record(us);
  return histogram;
}

function exactOf({ minUs, maxUs, belowZero }: LagHistogram): ExactFacts {
  return { minUs, maxUs, belowZero };
}

function reread(histogram: LagHistogram): LagHistogram {
  return LagHistogram.decode(histogram.encode(), exactOf(histogram));
}

/** Every magnitude from a µs to 45 days, and the edges of the scale's places and of 32 bits. */
const valueUs = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: LONGEST_US }),
  fc.tuple(fc.integer({ min: 11, max: 41 }), fc.integer({ min: -2, max: 2 })).map(([bits, off]) => 2 ** bits + off),
);
const values = fc.array(valueUs, { maxLength: 50 });

test('a bucket stands for its highest value: nothing is understated, nor overstated by more than a thousandth', () => {
  fc.assert(
    fc.property(valueUs, (us) => {
      const histogram = histogramOf([us, LONGEST_US]);
      const { valueUs: told } = histogram.buckets()[0]!;
      assert.ok(told >= us && told <= us * 1.001, `${us} → ${told}`);
    }),
  );
});

test('buckets ascend, count everything, and end with the exact greatest value', () => {
  fc.assert(
    fc.property(values, (list) => {
      const histogram = histogramOf(list);
      const buckets = histogram.buckets();
      assert.is(
        buckets.reduce((sum, { count }) => sum + count, 0),
        list.length,
      );
      for (const [i, bucket] of buckets.entries()) assert.ok(i === 0 || bucket.valueUs > buckets[i - 1]!.valueUs);
      if (list.length > 0) assert.is(buckets.at(-1)!.valueUs, Math.max(...list));
    }),
  );
});

test('what is read back from the text is what was written', () => {
  fc.assert(
    fc.property(values, (list) => {
      const histogram = histogramOf(list);
      const read = reread(histogram);
      assert.equal(read.buckets(), histogram.buckets());
      assert.equal([read.count, exactOf(read)], [histogram.count, exactOf(histogram)]);
      assert.is(read.encode(), histogram.encode());
    }),
    { numRuns: 50 },
  );
});

test('the text depends on the contents, not on the order or the pieces they came in', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      const whole = histogramOf([...a, ...b]);
      const pieces = new LagHistogram();
      pieces.add(reread(histogramOf(b)));
      pieces.add(histogramOf(a));
      assert.is(pieces.encode(), whole.encode());
      assert.equal(exactOf(pieces), exactOf(whole));
      assert.is(pieces.percentileText(), whole.percentileText());
    }),
    { numRuns: 50 },
  );
});

test('percentiles are those of the list, to a thousandth, and never below it', () => {
  const list = fc.array(valueUs, { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(list, fc.integer({ min: 1, max: 100 }), (unsorted, percent) => {
      const sorted = unsorted.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil((percent * sorted.length) / 100) - 1]!;
      const told = histogramOf(unsorted).percentileUs(percent)!;
      assert.ok(told >= exact && told <= exact * 1.001, `${told}, exactly ${exact}`);
    }),
  );
  assert.is(new LagHistogram().percentileUs(50), null);
});

test('counts up to bounds and the sum are those of the list, to a thousandth', () => {
  const bounds = [0, 1_000, 2_500, 1_000_000, 60_000_000, LONGEST_US];
  fc.assert(
    fc.property(values, (list) => {
      const { counts, sumUs } = histogramOf(list).cumulative(bounds);
      const upTo = (us: number): number => list.filter((value) => value <= us).length;
      for (const [i, bound] of bounds.entries()) {
        assert.ok(counts[i]! <= upTo(bound) && counts[i]! >= upTo(bound / 1.001), `${counts[i]} up to ${bound}`);
      }
      const sum = list.reduce((all, us) => all + us, 0);
      assert.ok(sumUs >= sum && sumUs <= sum * 1.001, `${sumUs} of ${sum}`);
    }),
  );
});

test('what lies below zero is counted at 0, and told exactly', () => {
  const histogram = histogramOf([-30, -10, 0, 7]);
  assert.equal(exactOf(histogram), { minUs: -30, maxUs: 7, belowZero: 2 });
  assert.equal(histogram.buckets(), [
    { valueUs: 0, count: 3 },
    { valueUs: 7, count: 1 },
  ]);
  const twice = reread(histogram);
  twice.add(histogram);
  assert.is(twice.belowZero, 4);
});

test('counts beyond 31 bits survive the text', () => {
  const histogram = new LagHistogram();
  histogram.record(5000, 3_000_000_000);
  assert.is(reread(histogram).count, 3_000_000_000);
});

test('a time that is not whole µs is refused by its value', () => {
  for (const us of [Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 53]) {
    const histogram = new LagHistogram();
    assert.throws(
      () => histogram.record(us),
      (error: unknown) => error instanceof RangeError && error.message.includes(String(us)),
    );
    assert.is(histogram.count, 0);
  }
});

test('the text is HdrHistogram’s: one that its Python port encoded is read', () => {
  // hdrhistogram 0.10.8: HdrHistogram(1, 45 days in µs, 3), each value recorded value % 3 + 1 times
  const text = 'HISTFAAAADN4nJNpmSzMwMAAwiDADKUZgcxOu9sPGOw/QAVY5guzzFVg27mGie0vP9vCOYxMAOqSCk8=';
  const written = [1, 1234, 5000, 2 ** 31, 2 ** 32 + 1, LONGEST_US];
  const read = LagHistogram.decode(text, { minUs: 1, maxUs: LONGEST_US, belowZero: 0 });
  const ours = new LagHistogram();
  for (const us of written) ours.record(us, (us % 3) + 1);
  assert.equal(read.buckets(), ours.buckets());
});

test.run();
