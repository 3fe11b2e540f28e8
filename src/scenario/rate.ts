import type { Knot } from './scenario.ts';

/**
 * A rate λ(t) that is linear between knots, with its integral Λ(t) = ∫₀ᵗ λ, the expected number of arrivals before t, and
 * the inverse of that. Times are ms from 0 to the end.
 */
export class Rate {
  /** Λ at the end: expected arrivals. */
  readonly total: number;
  readonly #startMs: number[] = [];
  /** Λ at the start of each piece. */
  readonly #before: number[] = [];
  /** Arrivals a ms at the start of each piece, and by how much they change in a ms. */
  readonly #perMs: number[] = [];
  readonly #slope: number[] = [];

  constructor(knots: readonly Knot[], endMs: number) {
    let total = 0;
    for (const [i, { atMs, perSecond }] of knots.entries()) {
      const next = knots[i + 1] ?? { atMs: endMs, perSecond };
      const lengthMs = Math.min(next.atMs, endMs) - atMs;
      if (lengthMs <= 0) continue;
      const slope = (next.perSecond - perSecond) / 1000 / (next.atMs - atMs);
      this.#startMs.push(atMs);
      this.#before.push(total);
      this.#perMs.push(perSecond / 1000);
      this.#slope.push(slope);
      total += lengthMs * (perSecond / 1000 + (slope * lengthMs) / 2);
    }
    this.total = total;
  }

  /**
   * The piece in which `expected` arrivals are reached: the last, so that what is reached before a pause comes after it.
   *
   * @param from a piece that is not after it
   */
  pieceOf(expected: number, from = 0): number {
    let piece = from;
    while (piece + 1 < this.#before.length && this.#before[piece + 1]! <= expected) piece++;
    return piece;
  }

  /** When `expected` arrivals are reached, ms: Λ⁻¹ in its piece. NaN or infinite where they never are. */
  timeOf(expected: number, piece: number): number {
    const left = expected - this.#before[piece]!;
    const startMs = this.#startMs[piece]!;
    const perMs = this.#perMs[piece]!;
    const slope = this.#slope[piece]!;
    if (slope === 0) return startMs + left / perMs;
    if (left <= 0) return startMs;
    return startMs + (2 * left) / (perMs + Math.sqrt(perMs * perMs + 2 * slope * left));
  }
}
