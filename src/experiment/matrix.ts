import type { Scenario } from '../scenario/scenario.ts';
import type { Settings } from './settings.ts';

/** An axis whose values are all known. */
export interface KnownAxis {
  setting: string;
  values: string[];
  /** A server has it from its start, CONFIG SET does not change it. */
  immutable?: true;
}

/** Every combination of the axes' values; the last axis changes quickest. Without an axis, or with an empty one: none. */
export function cellsOf(axes: readonly KnownAxis[]): Settings[] {
  if (axes.length === 0) return [];
  return axes.reduce<Settings[]>(
    (cells, { setting, values }) =>
      cells.flatMap((settings) => values.map((value) => ({ ...settings, [setting]: value }))),
    [{}],
  );
}

/** How many cells the axes make, without making them. */
export function countCells(axes: readonly KnownAxis[]): number {
  return axes.length === 0 ? 0 : axes.reduce((product, { values }) => product * values.length, 1);
}

/** The least time that a run takes, ms: to its cut-off, without the server's start, the trial, the fill and the clean-up. */
export function scenarioMs({ durationMs, cutoffMs }: Scenario): number {
  return durationMs + cutoffMs;
}
