import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialAtMost } from '../../src/model/binomial.ts';

/** Summed term by term in Python, each by math.lgamma. */
const REFERENCE = [
  [2, 20, 0.1, 0.6769268],
  [1, 65, 1 / 11, 0.01529455],
  [19, 20, 0.998, 0.03924904],
] as const;

for (const [k, n, p, expected] of REFERENCE) {
  test(`P[Binomial(${n}, ${p.toPrecision(3)}) ≤ ${k}]`, () => {
    const got = binomialAtMost(k, n, p);
    assert.ok(Math.abs(got / expected - 1) < 1e-5, `${got}, expected ${expected}`);
  });
}

test('at the ends it is 0 and 1, and what is no distribution is refused', () => {
  assert.is(binomialAtMost(-1, 10, 0.5), 0);
  assert.is(binomialAtMost(10, 10, 0.5), 1);
  assert.is(binomialAtMost(0, 10, 0), 1);
  assert.is(binomialAtMost(9, 10, 1), 0);
  assert.throws(() => binomialAtMost(1, 10, 1.1), /Binomial\(10, 1\.1\)/);
  assert.throws(() => binomialAtMost(1, 1.5, 0.1), /Binomial\(1\.5, 0\.1\)/);
});

test.run();
