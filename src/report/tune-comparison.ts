import { FIGURES, type Figure, type FigureKind, type FigureName, figuresOf } from '../experiment/figures.ts';
import { differBeyondSpread, type Spread, spreadOf } from '../experiment/spread.ts';
import type { Tune, TunedRun } from '../experiment/tune-file.ts';
import { formatFigure } from './figure-text.ts';
import { lagErrorMs } from './finding.ts';

export type MeasuredRun = TunedRun & { state: 'measured' };

/** One thing under two settings. */
export interface Comparison {
  title: string;
  kind: Pick<FigureKind, 'unit'>;
  before: Side;
  after: Side;
}

export interface Side {
  spread: Spread | null;
  /** Bound of the error of the median of a lag, ms: the median of the runs' own. */
  errorMs: number;
}

const COMPARED: readonly FigureName[] = [
  'lagP50Seconds',
  'lagP99Seconds',
  'staleSessions',
  'evictedEarly',
  'evictedStale',
  'refused',
  'foundGoneEarly',
  'serverCpuSeconds',
  'peakMemoryBytes',
];

/** The runs of these numbers. */
export function runsOf({ runs }: Tune, numbers: readonly number[]): MeasuredRun[] {
  return runs.filter((run): run is MeasuredRun => run.state === 'measured' && numbers.includes(run.run));
}

/** Of each goal. */
export function compareGoals(
  { goals }: Tune,
  before: readonly MeasuredRun[],
  after: readonly MeasuredRun[],
): Comparison[] {
  return goals.map((title, i) => {
    const unit = /\scount\b/.test(title) ? 'count' : /\srate\b/.test(title) ? 'share' : 'lag';
    return compare(title, { unit }, before, after, (run) => run.goals[i]!.value);
  });
}

/** Of each figure that says something of either. */
export function compareFigures(before: readonly MeasuredRun[], after: readonly MeasuredRun[]): Comparison[] {
  return COMPARED.map((name) => compareFigure(name, before, after)).filter(({ before, after }) =>
    [before, after].some(({ spread }) => spread !== null && spread.max !== 0),
  );
}

export function compareFigure(
  name: FigureName,
  before: readonly MeasuredRun[],
  after: readonly MeasuredRun[],
): Comparison {
  return compare(FIGURES[name].title, FIGURES[name], before, after, ({ result }) => figuresOf(result)[name]);
}

function compare(
  title: string,
  kind: Pick<FigureKind, 'unit'>,
  before: readonly MeasuredRun[],
  after: readonly MeasuredRun[],
  of: (run: MeasuredRun) => Figure,
): Comparison {
  const side = (runs: readonly MeasuredRun[]): Side => {
    const errors = runs.map(({ result }) => lagErrorMs(result)).sort((one, other) => one - other);
    return { spread: spreadOf(runs.map(of)), errorMs: errors[errors.length >> 1] ?? 0 };
  };
  return { title, kind, before: side(before), after: side(after) };
}

/** Those that are not as they were, to the last digit. */
export function changed(comparisons: readonly Comparison[]): Comparison[] {
  return comparisons.filter(({ before, after }) => before.spread?.median !== after.spread?.median);
}

/** A median, `-` where it is not known. */
export function formatMedian({ kind }: Comparison, { spread, errorMs }: Side): string {
  return formatFigure(kind, spread?.median ?? null, errorMs);
}

/** `+3.1%`, `same within the spread`; `null` where that cannot be said in per cent. */
export function formatChange({ before: { spread: one }, after: { spread: other } }: Comparison): string | null {
  if (one === null || other === null) return null;
  if (one.runs > 1 && other.runs > 1 && differBeyondSpread(one, other) === 0) return 'same within the spread';
  if (typeof one.median !== 'number' || typeof other.median !== 'number' || one.median === 0) return null;
  const percent = (100 * (other.median - one.median)) / one.median;
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(digits)}%`;
}
