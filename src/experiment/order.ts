import { uniform } from '../load/draws.ts';

/** One run of a sweep; both count from 0. */
export interface Turn {
  cell: number;
  repeat: number;
}

/**
 * The order of the runs: each repeat holds every cell once, in an order of its own that the seed decides, so that a drift
 * of the machine favours no cell. (Fisher and Yates' shuffle, Durstenfeld's form.)
 */
export function orderOf(cells: number, repeats: number, seed: number): Turn[] {
  return Array.from({ length: repeats }, (_, repeat) => {
    const order = Array.from({ length: cells }, (_, cell) => cell);
    for (let last = cells - 1; last > 0; last--) {
      const other = Math.floor(uniform(seed, repeat, last, 0) * (last + 1));
      [order[last], order[other]] = [order[other]!, order[last]!];
    }
    return order.map((cell) => ({ cell, repeat }));
  }).flat();
}
