/** Keys whose lags are even between two times; a weight is their number, in any unit. */
export interface EvenLags {
  fromSeconds: number;
  toSeconds: number;
  weight: number;
}

/** A mixture of even distributions of lag. */
export class LagDistribution {
  readonly #parts: readonly EvenLags[];
  readonly #weight: number;

  constructor(parts: readonly EvenLags[]) {
    this.#parts = parts;
    this.#weight = parts.reduce((sum, { weight }) => sum + weight, 0);
  }

  get meanSeconds(): number {
    const sum = this.#parts.reduce((total, part) => total + (part.weight * (part.fromSeconds + part.toSeconds)) / 2, 0);
    return sum / this.#weight;
  }

  /** Share of the keys with this lag or less, 0 to 1. */
  within(seconds: number): number {
    let sum = 0;
    for (const { fromSeconds, toSeconds, weight } of this.#parts) {
      if (seconds >= toSeconds) sum += weight;
      else if (seconds > fromSeconds) sum += (weight * (seconds - fromSeconds)) / (toSeconds - fromSeconds);
    }
    return Math.min(1, sum / this.#weight);
  }

  /** The least lag within which a share of the keys is. */
  quantile(share: number): number {
    let low = 0;
    let high = 0;
    for (const { toSeconds } of this.#parts) high = Math.max(high, toSeconds);
    for (let i = 0; i < 24; i++) {
      const middle = (low + high) / 2;
      if (this.within(middle) < share) low = middle;
      else high = middle;
    }
    return high;
  }
}
