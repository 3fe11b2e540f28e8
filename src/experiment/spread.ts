import type { Figure } from './figures.ts';

/** Of one figure over the runs of a cell. */
export interface Spread {
  median: Exclude<Figure, null>;
  min: Exclude<Figure, null>;
  max: Exclude<Figure, null>;
  runs: number;
}

/**
 * Median, least and greatest; of an even number the median is between the middle two, or the greater where that was not
 * reached. `null` where there is no run, or one lacks the figure.
 */
export function spreadOf(figures: readonly Figure[]): Spread | null {
  const sorted = figures.filter((figure) => figure !== null).sort(compareFigures);
  if (sorted.length === 0 || sorted.length < figures.length) return null;
  const [low, high] = [sorted[(sorted.length - 1) >> 1]!, sorted[sorted.length >> 1]!];
  const median = typeof low === 'number' && typeof high === 'number' ? (low + high) / 2 : high;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, runs: sorted.length };
}

/** Ascending. What was not reached is greater than any that was; of two such none is the greater. */
export function compareFigures(one: Exclude<Figure, null>, other: Exclude<Figure, null>): number {
  if (typeof one === 'number') return typeof other === 'number' ? one - other : -1;
  return typeof other === 'number' ? 1 : 0;
}

/**
 * Whether two cells differ: 0 where their ranges overlap, which is within the spread; else below 0 where the first is the
 * lesser. Of two equal cells with 3 runs each the ranges are apart once in ten times, with 5 once in 126:
 * 2 / (2n choose n). With one run each there is no spread: any difference counts.
 */
export function differBeyondSpread(one: Spread, other: Spread): number {
  if (compareFigures(one.max, other.min) < 0) return -1;
  return compareFigures(other.max, one.min) < 0 ? 1 : 0;
}
