import type { Rate } from '../scenario/rate.ts';
import type { Arrivals } from './arrivals.ts';
import { firstOf, type Segment } from './segment.ts';

/** How many arrivals a constant process has before the end: one at each whole number that Λ passes, from 0 on. */
export function countConstant(rate: Rate, endMs: number): number {
  const timeOf = (count: number): number => rate.timeOf(count, rate.pieceOf(count));
  let count = Math.ceil(rate.total);
  while (count > 0 && timeOf(count - 1) >= endMs) count--;
  while (timeOf(count) < endMs) count++;
  return count;
}

/** Arrivals as even as the rate allows: session n of the cohort, from 0, when n are expected. */
export class ConstantArrivals implements Arrivals {
  atMs = 0;
  index: number;
  readonly #rate: Rate;
  readonly #first: number;
  readonly #end: number;
  readonly #step: number;
  #piece = 0;

  constructor(rate: Rate, first: number, count: number, segment: Segment) {
    this.#rate = rate;
    this.#first = first;
    this.#end = first + count;
    this.#step = segment.of;
    this.index = firstOf(first, segment);
    this.#place();
  }

  advance(): void {
    this.index += this.#step;
    this.#place();
  }

  #place(): void {
    if (this.index >= this.#end) {
      this.atMs = Number.POSITIVE_INFINITY;
      return;
    }
    const expected = this.index - this.#first;
    this.#piece = this.#rate.pieceOf(expected, this.#piece);
    this.atMs = this.#rate.timeOf(expected, this.#piece);
  }
}
