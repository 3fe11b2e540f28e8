import { FIGURE_NAMES, type FigureName } from '../experiment/figures.ts';
import type { Summary } from '../experiment/objective.ts';
import type { SweptCell } from '../experiment/sweep-file.ts';

/** The figures that say something: a count that is 0 in every cell, and one that none has, is left out. */
export function shownFigures(summaries: readonly Summary[]): FigureName[] {
  return FIGURE_NAMES.filter(
    (name) => name === 'liveLost' || summaries.some(({ [name]: spread }) => spread !== null && spread.max !== 0),
  );
}

/** The values that make the cell, in the order of the axes: `100 · allkeys-lru`. */
export function cellLabel({ settings }: Pick<SweptCell, 'settings'>): string {
  return Object.values(settings)
    .map((value) => (value === '' ? '""' : value))
    .join(' · ');
}
