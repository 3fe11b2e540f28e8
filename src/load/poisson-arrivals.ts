import { randomPoisson } from 'd3-random';
import type { Rate } from '../scenario/rate.ts';
import type { Arrivals } from './arrivals.ts';
import { uniformOf } from './draws.ts';
import { firstOf, type Segment } from './segment.ts';

/** Expected arrivals of a slot: few enough to be sorted in microseconds, enough for its count to cost next to nothing. */
const SLOT_ARRIVALS = 256;
/** Counter of the draws about a cohort as a whole: the counts of its slots, each of which may take so many. */
const COHORT_DRAWS = 0xffffffff;
const UNIFORMS_A_COUNT = 100;

/**
 * A Poisson process whose rate varies: slots in which equally many arrivals are expected, steps of Λ, have independent
 * counts; given its count, the arrivals of a slot are independent and uniform in Λ.
 */
export class PoissonSlots {
  readonly rate: Rate;
  readonly draws: number;
  /** Sessions before each slot, and at last of all. */
  readonly before: Uint32Array;
  /** Expected arrivals of a slot. */
  readonly step: number;
  readonly most: number;

  /** @param draws of the cohort, see `drawsOf` */
  constructor(rate: Rate, draws: number) {
    const slots = Math.max(1, Math.ceil(rate.total / SLOT_ARRIVALS));
    this.rate = rate;
    this.draws = draws;
    this.step = rate.total / slots;
    this.before = new Uint32Array(slots + 1);
    let next = 0;
    const draw = randomPoisson.source(() => uniformOf(draws, COHORT_DRAWS, next++))(this.step);
    let most = 0;
    for (let slot = 0; slot < slots; slot++) {
      next = slot * UNIFORMS_A_COUNT;
      const count = draw();
      most = Math.max(most, count);
      this.before[slot + 1] = this.before[slot]! + count;
    }
    this.most = most;
  }

  get count(): number {
    return this.before.at(-1)!;
  }
}

/** The arrivals of a segment, slot by slot. A session's index is its rank in time. */
export class PoissonArrivals implements Arrivals {
  atMs = 0;
  index: number;
  readonly #slots: PoissonSlots;
  readonly #first: number;
  readonly #step: number;
  readonly #draw: number;
  /** The end is excluded: the greatest Λ and time below it. */
  readonly #lastExpected: number;
  readonly #lastMs: number;
  #slot = -1;
  #slotFirst = 0;
  #slotEnd = 0;
  #piece = 0;
  /** Λ at the arrivals of the slot, in steps, ascending. */
  readonly #shares: Float64Array;

  /** @param draw number of the draw that is for a session's place in its slot */
  constructor(slots: PoissonSlots, endMs: number, first: number, segment: Segment, draw: number) {
    this.#slots = slots;
    this.#first = first;
    this.#step = segment.of;
    this.#draw = draw;
    this.#lastExpected = slots.rate.total * (1 - Number.EPSILON);
    this.#lastMs = endMs * (1 - Number.EPSILON);
    this.#shares = new Float64Array(slots.most);
    this.index = firstOf(first, segment);
    this.#place();
  }

  advance(): void {
    this.index += this.#step;
    this.#place();
  }

  #place(): void {
    const rank = this.index - this.#first;
    while (rank >= this.#slotEnd) {
      if (this.#slot + 2 >= this.#slots.before.length) {
        this.atMs = Number.POSITIVE_INFINITY;
        return;
      }
      this.#slot++;
      this.#slotFirst = this.#slotEnd;
      this.#slotEnd = this.#slots.before[this.#slot + 1]!;
      if (rank < this.#slotEnd) this.#sort();
    }
    const { rate, step } = this.#slots;
    const expected = Math.min(this.#shares[rank - this.#slotFirst]! * step, this.#lastExpected);
    this.#piece = rate.pieceOf(expected, this.#piece);
    this.atMs = Math.min(rate.timeOf(expected, this.#piece), this.#lastMs);
  }

  #sort(): void {
    const shares = this.#shares;
    const { draws } = this.#slots;
    const first = this.#slotFirst;
    const count = this.#slotEnd - first;
    for (let i = 0; i < count; i++) shares[i] = this.#slot + uniformOf(draws, first + i, this.#draw);
    shares.subarray(0, count).sort();
  }
}
