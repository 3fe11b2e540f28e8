import { randomLogNormal } from 'd3-random';
import type { Distribution } from './scenario.ts';

/**
 * One draw. Takes as many uniforms as it needs and keeps nothing, so that the same uniforms give the same draw.
 *
 * @param uniform gives the next number of [0, 1)
 */
export function draw(distribution: Distribution, uniform: () => number): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.value;
    case 'uniform':
      return distribution.min + (distribution.max - distribution.min) * uniform();
    case 'exponential':
      return -Math.log1p(-uniform()) * distribution.mean;
    case 'lognormal':
      return randomLogNormal.source(uniform)(Math.log(distribution.median), distribution.sigma)();
    case 'mixture':
      return draw(pick(distribution.parts, uniform()), uniform);
    default:
      return distribution satisfies never;
  }
}

/** Mean of a distribution, in its own unit. */
export function mean(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.value;
    case 'uniform':
      return (distribution.min + distribution.max) / 2;
    case 'exponential':
      return distribution.mean;
    case 'lognormal':
      return distribution.median * Math.exp(distribution.sigma ** 2 / 2);
    case 'mixture': {
      const weights = distribution.parts.reduce((sum, { weight }) => sum + weight, 0);
      return distribution.parts.reduce((sum, { weight, of }) => sum + (weight / weights) * mean(of), 0);
    }
    default:
      return distribution satisfies never;
  }
}

/** Standard normal quantile of 1 − 1e-6. */
const Z_ONE_IN_A_MILLION = 4.753;

/** What one draw in a million exceeds; the largest value where there is one. */
export function oneInAMillion(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.value;
    case 'uniform':
      return distribution.max;
    case 'exponential':
      return distribution.mean * Math.log(1e6);
    case 'lognormal':
      return distribution.median * Math.exp(distribution.sigma * Z_ONE_IN_A_MILLION);
    case 'mixture':
      return Math.max(...distribution.parts.map(({ of }) => oneInAMillion(of)));
    default:
      return distribution satisfies never;
  }
}

function pick(parts: readonly { weight: number; of: Distribution }[], uniform: number): Distribution {
  let left = uniform * parts.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, of } of parts) {
    left -= weight;
    if (left < 0) return of;
  }
  return parts.at(-1)!.of;
}
