import { FIGURES, type FigureName } from './figures.ts';
import { compareFigures, differBeyondSpread, type Spread } from './spread.ts';

/** The figures of a cell over its valid runs; `null`: not known. */
export type Summary = Record<FigureName, Spread | null>;

/** What a sweep is sorted by: a figure, and another that decides where neither of two cells reached the first. */
export const OBJECTIVES = {
  lag: ['lagP99Seconds', 'notifiedShare'],
  median: ['lagP50Seconds', 'notifiedShare'],
  cpu: ['serverCpuSeconds'],
  lost: ['liveLost'],
  evicted: ['evictedEarly'],
  stale: ['staleSessions'],
  memory: ['peakMemoryBytes'],
} as const satisfies Record<string, readonly FigureName[]>;

export type ObjectiveName = keyof typeof OBJECTIVES;

export const OBJECTIVE_NAMES = Object.keys(OBJECTIVES) as ObjectiveName[];

/** The better median first: below 0 where it is that of the first cell. What is not known comes last. */
export function compareMedians(objective: ObjectiveName, one: Summary, other: Summary): number {
  return compareBy(objective, one, other, (a, b) => compareFigures(a.median, b.median));
}

/** Below 0 where the first cell is the better by more than the spread, 0 where that cannot be said. */
export function betterBeyondSpread(objective: ObjectiveName, one: Summary, other: Summary): number {
  return compareBy(objective, one, other, differBeyondSpread);
}

function compareBy(
  objective: ObjectiveName,
  one: Summary,
  other: Summary,
  compare: (a: Spread, b: Spread) => number,
): number {
  for (const name of OBJECTIVES[objective]) {
    const [a, b] = [one[name], other[name]];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const isOpen = typeof a.median !== 'number' && typeof b.median !== 'number';
    if (!isOpen) return FIGURES[name].better === 'less' ? compare(a, b) : compare(b, a);
  }
  return 0;
}
