import type { Figure } from './figures.ts';

type Known = Exclude<Figure, null>;

/** Of one figure over the runs of a cell. */
export interface Spread {
  median: Known;
  min: Known;
  max: Known;
  runs: number;
}

/**
 * Median, least and greatest. Of an even number of runs the median is midway between the middle two; where one of these
 * was not reached it is beyond the midst of their bounds. `null` without a run, and where one lacks the figure.
 */
export function spreadOf(figures: readonly Figure[]): Spread | null {
  const sorted = figures
    .filter((figure) => figure !== null)
    .sort((a, b) => compareFigures(a, b) || boundOf(a) - boundOf(b));
  if (sorted.length === 0 || sorted.length < figures.length) return null;
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  const midst = (boundOf(low) + boundOf(high)) / 2;
  const median = typeof high === 'number' ? midst : { beyond: midst };
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length };
}

const boundOf = (figure: Known): number => (typeof figure === 'number' ? figure : figure.beyond);

/** Ascending. What was not reached comes after what was; two that were not are alike. */
export function compareFigures(one: Known, other: Known): number {
  if (typeof one === 'number') return typeof other === 'number' ? one - other : -1;
  return typeof other === 'number' ? 1 : 0;
}

/**
 * How two cells differ in a figure: below 0 where each run of the first is less than each of the second, above 0 the
 * other way; 0, within the spread, where their ranges overlap. One run each has no spread.
 */
export function differBeyondSpread(one: Spread, other: Spread): number {
  if (isLess(one.max, other.min)) return -1;
  return isLess(other.max, one.min) ? 1 : 0;
}

/**
 * Once in how many times the ranges of two equal cells of so many runs each are apart by chance: all orders of the 2n
 * runs are as likely, and in two of the (2n choose n) ways to deal them out the cells do not mix.
 */
export function oddsApart(runs: number): number {
  let ways = 1;
  for (let i = 1; i <= runs; i++) ways = (ways * (runs + i)) / i;
  return Math.round(ways / 2);
}

/** Certainly less: what was not reached is known to be greater than its bound only. */
function isLess(one: Known, other: Known): boolean {
  if (typeof one !== 'number') return false;
  return typeof other === 'number' ? one < other : one <= other.beyond;
}
