import type { Distribution } from '../scenario/scenario.ts';
import { uniformOf } from './draws.ts';

/**
 * One value of a distribution, a function of its arguments alone.
 *
 * @param draws of the cohort, see `drawsOf`
 * @param from the first of the UNIFORMS_A_VALUE draws that are for the value
 */
export type Sampler = (draws: number, index: number, from: number) => number;

/** A mixture takes one to choose a part; a log-normal two. */
export const UNIFORMS_A_VALUE = 3;

export function samplerOf(distribution: Distribution): Sampler {
  switch (distribution.kind) {
    case 'fixed': {
      const { value } = distribution;
      return () => value;
    }
    case 'uniform': {
      const { min, max } = distribution;
      return (draws, index, from) => min + (max - min) * uniformOf(draws, index, from);
    }
    case 'exponential': {
      const { mean } = distribution;
      return (draws, index, from) => -Math.log1p(-uniformOf(draws, index, from)) * mean;
    }
    case 'lognormal': {
      const { median, sigma } = distribution;
      return (draws, index, from) => median * Math.exp(sigma * normal(draws, index, from));
    }
    case 'mixture': {
      const samplers = distribution.parts.map(({ of }) => samplerOf(of));
      const uptos = cumulative(distribution.parts.map(({ weight }) => weight));
      return (draws, index, from) => {
        const at = uniformOf(draws, index, from);
        let part = 0;
        while (at >= uptos[part]!) part++;
        return samplers[part]!(draws, index, from + 1);
      };
    }
    default:
      return distribution satisfies never;
  }
}

/** A standard normal, from two uniforms by Box and Muller's transform (1958). */
function normal(draws: number, index: number, from: number): number {
  const radius = Math.sqrt(-2 * Math.log1p(-uniformOf(draws, index, from)));
  return radius * Math.cos(2 * Math.PI * uniformOf(draws, index, from + 1));
}

/** Shares up to and with each part; the last is 1. */
function cumulative(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let upto = 0;
  return weights.map((weight, i) => {
    upto += weight;
    return i === weights.length - 1 ? 1 : upto / total;
  });
}
