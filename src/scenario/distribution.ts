import type { Distribution } from './scenario.ts';

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
