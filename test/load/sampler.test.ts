import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawsOf } from '../../src/load/draws.ts';
import { samplerOf } from '../../src/load/sampler.ts';
import { mean, oneInAMillion } from '../../src/scenario/distribution.ts';
import type { Distribution } from '../../src/scenario/scenario.ts';

const DRAWS = 40_000;

function sample(distribution: Distribution): number[] {
  const [sampler, draws] = [samplerOf(distribution), drawsOf(7, 0)];
  return Array.from({ length: DRAWS }, (_, index) => sampler(draws, index, 0));
}

const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: number[]): number => {
  const centre = average(values);
  return Math.sqrt(average(values.map((value) => (value - centre) ** 2)));
};

/** Within five standard errors of the mean. */
function hasMean(values: number[], expected: number): void {
  const error = (5 * deviation(values)) / Math.sqrt(values.length);
  assert.ok(
    Math.abs(average(values) - expected) <= error + 1e-9,
    `mean ${average(values)}, expected ${expected} ± ${error}`,
  );
}

const mixture: Distribution = {
  kind: 'mixture',
  parts: [
    { weight: 3, of: { kind: 'fixed', value: 10 } },
    { weight: 1, of: { kind: 'uniform', min: 100, max: 300 } },
  ],
};

const cases: [Distribution, number, number][] = [
  [{ kind: 'fixed', value: 5 }, 5, 0],
  [{ kind: 'uniform', min: 10, max: 30 }, 20, 20 / Math.sqrt(12)],
  [{ kind: 'exponential', mean: 40 }, 40, 40],
  [
    { kind: 'lognormal', median: 20, sigma: 0.5 },
    20 * Math.exp(0.125),
    20 * Math.exp(0.125) * Math.sqrt(Math.expm1(0.25)),
  ],
  [mixture, 57.5, Math.sqrt(0.75 * 100 + 0.25 * (200 ** 2 + 200 ** 2 / 12) - 57.5 ** 2)],
];

for (const [distribution, expectedMean, expectedDeviation] of cases) {
  test(`${distribution.kind}: moments of the draws are those of the distribution`, () => {
    const values = sample(distribution);
    hasMean(values, expectedMean);
    assert.ok(Math.abs(mean(distribution) - expectedMean) < 1e-9);
    assert.ok(
      Math.abs(deviation(values) - expectedDeviation) <= 0.03 * expectedDeviation + 1e-9,
      `${deviation(values)}`,
    );
  });
}

test('the median of a log-normal is its median', () => {
  const below = sample({ kind: 'lognormal', median: 20, sigma: 0.8 }).filter((value) => value < 20).length;
  assert.ok(Math.abs(below / DRAWS - 0.5) < 0.0125);
});

test('what one draw in a million exceeds lies beyond all but a few', () => {
  for (const [distribution] of cases) {
    const limit = oneInAMillion(distribution);
    assert.ok(sample(distribution).filter((value) => value > limit).length <= 2, distribution.kind);
  }
});

test.run();
