import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Figure } from '../../src/experiment/figures.ts';
import { differBeyondSpread, oddsApart, type Spread, spreadOf } from '../../src/experiment/spread.ts';

const of = (...figures: Figure[]): Spread => spreadOf(figures)!;

test('median, least and greatest', () => {
  assert.equal(of(3, 1, 2), { median: 2, min: 1, max: 3, runs: 3 });
  assert.equal(of(4, 1), { median: 2.5, min: 1, max: 4, runs: 2 });
  assert.equal(of(7), { median: 7, min: 7, max: 7, runs: 1 });
});

test('what was not reached is greater than what was, and no number comes of it', () => {
  assert.equal(of({ beyond: 30 }, 2, 31), { median: 31, min: 2, max: { beyond: 30 }, runs: 3 });
  assert.equal(of({ beyond: 30 }, 1, { beyond: 29 }).median, { beyond: 29 });
  assert.equal(of({ beyond: 30 }, 10).median, { beyond: 20 });
});

test('nothing is known of no run, nor where a run lacks the figure', () => {
  assert.is(spreadOf([]), null);
  assert.is(spreadOf([1, null, 2]), null);
});

test('cells differ where their ranges are apart', () => {
  assert.ok(differBeyondSpread(of(1, 2, 3), of(3.1, 4)) < 0);
  assert.ok(differBeyondSpread(of(3.1, 4), of(1, 2, 3)) > 0);
  assert.is(differBeyondSpread(of(1, 2, 3), of(3, 4)), 0);
  assert.is(differBeyondSpread(of(0, 0), of(0, 0)), 0);
});

test('a figure that was reached after another was given up may be the lesser', () => {
  assert.ok(differBeyondSpread(of(20, 25), of({ beyond: 30 })) < 0);
  assert.is(differBeyondSpread(of(20, 35), of({ beyond: 30 })), 0);
  assert.is(differBeyondSpread(of({ beyond: 30 }), of({ beyond: 40 })), 0);
});

const figure = fc.oneof(fc.double({ noNaN: true, min: 0, max: 1e6 }), fc.record({ beyond: fc.integer({ min: 0 }) }));
const spread = fc.array(figure, { minLength: 1, maxLength: 9 }).map((figures) => of(...figures));

test('of two cells at most one is the lesser, whichever way they are asked', () => {
  fc.assert(
    fc.property(spread, spread, (one, other) => {
      assert.is(Math.sign(differBeyondSpread(one, other)), 0 - Math.sign(differBeyondSpread(other, one)));
      assert.is(differBeyondSpread(one, one), 0);
    }),
  );
});

test('how often two equal cells are told apart by chance, counted over all orders of their runs', () => {
  const orders = [0, 1, 2, 3, 4, 5].flatMap((a) =>
    [0, 1, 2, 3, 4, 5].flatMap((b) => [0, 1, 2, 3, 4, 5].filter((c) => a < b && b < c).map((c) => [a, b, c])),
  );
  const apart = orders.filter((ours) => {
    const theirs = [0, 1, 2, 3, 4, 5].filter((rank) => !ours.includes(rank));
    return differBeyondSpread(of(...ours), of(...theirs)) !== 0;
  });
  assert.is(orders.length / apart.length, oddsApart(3));
  assert.equal([1, 2, 5].map(oddsApart), [1, 3, 126]);
});

test.run();
