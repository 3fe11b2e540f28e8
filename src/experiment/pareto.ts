import { betterBeyondSpread, compareMedians, OBJECTIVES, type ObjectiveName, type Summary } from './objective.ts';

/** What is traded against each other. */
export const TRADED = ['lag', 'cpu', 'lost'] as const satisfies ObjectiveName[];

/** Those of the traded objectives that each cell has a figure for. */
export function tradedIn(summaries: readonly Summary[]): ObjectiveName[] {
  return TRADED.filter((objective) => summaries.every((summary) => summary[OBJECTIVES[objective][0]] !== null));
}

/**
 * Of each cell, whether it is on the Pareto front: no other has medians at least as good in every objective and is
 * better in one by more than the spread. Differences within the spread keep a cell on the front: it may be the better.
 */
export function paretoFront(summaries: readonly Summary[], objectives: readonly ObjectiveName[]): boolean[] {
  const dominates = (one: Summary, other: Summary): boolean =>
    objectives.every((objective) => compareMedians(objective, one, other) <= 0) &&
    objectives.some((objective) => betterBeyondSpread(objective, one, other) < 0);
  return summaries.map((summary) => !summaries.some((other) => dominates(other, summary)));
}
