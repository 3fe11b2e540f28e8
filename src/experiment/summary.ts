import type { Result } from '../result/schema.ts';
import { FIGURE_NAMES, figuresOf } from './figures.ts';
import type { Summary } from './objective.ts';
import { spreadOf } from './spread.ts';
import type { SweptRun } from './sweep-file.ts';

/** Each figure's median and spread over these runs. */
export function summarise(results: readonly Result[]): Summary {
  const figures = results.map(figuresOf);
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, spreadOf(figures.map((each) => each[name]))])) as Summary;
}

/** Of the runs of a cell those whose figures can be trusted. */
export function validResults(runs: readonly SweptRun[]): Result[] {
  return runs.flatMap((run) => (run.state === 'measured' && run.result.verdict.state === 'valid' ? [run.result] : []));
}
