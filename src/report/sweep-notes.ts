import type { Sweep, SweptCell, SweptRun } from '../experiment/sweep-file.ts';
import { alteredValues } from './altered-values.ts';

/** What a reader should know of a sweep's cells beside their figures: a line for each run that failed or is invalid. */
export function cellNotes({ cells }: Sweep, labelOf: (cell: SweptCell) => string): string[] {
  return cells.flatMap((cell) => [...badRuns(cell.runs), ...altered(cell)].map((note) => `${labelOf(cell)}: ${note}`));
}

/** Runs that went wrong in the same way are told together. */
function badRuns(runs: readonly SweptRun[]): string[] {
  const notes = new Map<string, number>();
  for (const note of runs.flatMap(badRun)) notes.set(note, (notes.get(note) ?? 0) + 1);
  return [...notes].map(([note, times]) => (times === 1 ? note : `${times} times: ${note}`));
}

/** Why a run counts for nothing. */
export function badRun(run: SweptRun): string[] {
  if (run.state === 'failed') return [`a run failed: ${run.message}${run.remedy === null ? '' : ` (${run.remedy})`}`];
  const { state, reasons } = run.result.verdict;
  return state === 'valid' ? [] : [`a run is ${state}, its figures are not counted: ${reasons[0]}`];
}

function altered({ settings, runs }: SweptCell): string[] {
  const [first] = runs.flatMap((run) => (run.state === 'measured' ? [run.result.server.settings] : []));
  return first ? alteredValues(settings, first) : [];
}
