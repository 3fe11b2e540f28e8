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
  before: Spread | null;
  after: Spread | null;
  /** Bound of the error of a time, ms. */
  errorMs: number;
}

const COMPARED: readonly FigureName[] = [
  'lagP50Seconds',
  'lagP99Seconds',
  'staleSessions',
  'evictedEarly',
  'evictedStale',
  'refused',
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
    const unit = /\scount\b/.test(title) ? 'sessions' : /\srate\b/.test(title) ? 'share' : 'lag';
    return compare(title, { unit }, before, after, (run) => run.goals[i]!.value);
  });
}

/** Of each figure that says something of either. */
export function compareFigures(before: readonly MeasuredRun[], after: readonly MeasuredRun[]): Comparison[] {
  return COMPARED.map((name) => compareFigure(name, before, after)).filter(({ before, after }) =>
    [before, after].some((spread) => spread !== null && spread.max !== 0),
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
  const errorMs = Math.max(0, ...[...before, ...after].map(({ result }) => lagErrorMs(result)));
  return { title, kind, before: spreadOf(before.map(of)), after: spreadOf(after.map(of)), errorMs };
}

/** Those that are not as they were, to the last digit. */
export function changed(comparisons: readonly Comparison[]): Comparison[] {
  return comparisons.filter(({ before, after }) => before === null || after === null || before.median !== after.median);
}

/** A median, `-` where it is not known. */
export function formatMedian({ kind, errorMs }: Comparison, spread: Spread | null): string {
  return formatFigure(kind, spread?.median ?? null, errorMs);
}

/** `+3.1%`, `same within the spread`; `null` where that cannot be said in per cent. */
export function formatChange({ before, after }: Comparison): string | null {
  if (before === null || after === null) return null;
  if (before.runs > 1 && after.runs > 1 && differBeyondSpread(before, after) === 0) return 'same within the spread';
  const [one, other] = [before.median, after.median];
  if (typeof one !== 'number' || typeof other !== 'number' || one === 0) return null;
  const percent = (100 * (other - one)) / one;
  const digits = Math.abs(percent) < 10 ? 1 : 0;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(digits)}%`;
}
