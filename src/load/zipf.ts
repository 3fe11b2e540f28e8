import type { Users } from '../scenario/scenario.ts';

/**
 * Rates of users by rank r = 1 … n, as multiples of their mean: w(r) = n · r^−s / Σₖ k^−s. Their mean over the users is
 * 1, so that the cohort's rate of requests stays what it would be if all users were alike.
 */
export class Zipf {
  readonly #scale: number;
  readonly #exponent: number;

  constructor({ count, zipf }: Users) {
    let sum = 0;
    for (let rank = count; rank > 0; rank--) sum += rank ** -zipf;
    this.#scale = count / sum;
    this.#exponent = zipf;
  }

  /** @param rank from 1 */
  weight(rank: number): number {
    return this.#scale * rank ** -this.#exponent;
  }
}
