import type { Cell } from './cells.ts';

const cell = (live: number, perSecond: number, hz: number, effort: number): Cell => {
  return { live, perSecond, burst: 0, hz, effort, runs: 1 };
};

/**
 * Drawn at random when the model was done, live keys and rates evenly on a logarithmic scale: what nobody had in view when it
 * was made. Cells that would have taken longer than 90 s were passed over.
 */
export const HELD_OUT_CELLS: readonly Cell[] = [
  cell(23_000, 97, 10, 10),
  cell(72_000, 160, 100, 10),
  cell(21_000, 500, 10, 5),
  cell(7_300, 16, 100, 10),
  cell(33_000, 43, 100, 10),
  cell(23_000, 2_800, 10, 1),
  cell(7_500, 250, 100, 1),
  cell(6_000, 83, 100, 1),
  cell(18_000, 390, 10, 10),
  cell(2_700, 170, 10, 10),
];
