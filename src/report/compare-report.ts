import type { Comparison, Measured, Pair } from '../experiment/compare.ts';
import { FIGURE_NAMES, FIGURES, type FigureKind } from '../experiment/figures.ts';
import { printSettings } from '../experiment/settings.ts';
import { differBeyondSpread, type Spread } from '../experiment/spread.ts';
import { formatFigure, formatRange, oddsText } from './figure-text.ts';
import { lagErrorMs } from './finding.ts';
import { renderTable, wrap } from './table.ts';

const MOST_DIFFERENCES = 12;

/** What a person reads of two results or sweeps side by side. `names` are those of A and B. */
export function renderComparison(
  comparison: Comparison,
  measured: readonly [Measured, Measured],
  names: readonly [string, string],
  width: number,
): string {
  const { differences, pairs, onlyInOne, onlyInOther } = comparison;
  const item = (text: string): string[] => wrap(`- ${text}`, width, '  ');
  const doubts = measured.flatMap(({ doubts }, i) => doubts.map((doubt) => `${'AB'[i]} ${doubt}`));
  const shown = differences.slice(0, MOST_DIFFERENCES);
  const more = differences.length - shown.length;
  const runs = pairs.flatMap(({ one, other }) => [one.results.length, other.results.length]).filter((n) => n > 0);
  const [fewest, most] = [Math.min(...runs), Math.max(...runs)];
  return [
    ...names.flatMap((name, i) => wrap(`${'AB'[i]}: ${name}`, width, '   ')),
    ...doubts.flatMap(item),
    ...(differences.length === 0 ? [] : ['', 'Not the same in both:', ...shown.flatMap(item)]),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...pairs.flatMap((pair) => ['', ...renderPair(pair, width)]),
    ...missing('A', onlyInOne).flatMap((text) => ['', ...wrap(text, width)]),
    ...missing('B', onlyInOther).flatMap((text) => ['', ...wrap(text, width)]),
    '',
    ...(most > 1
      ? wrap(
          `≈: within the spread, the ranges of the runs overlap${oddsText(fewest)}. Figures are medians, in brackets least – greatest.`,
          width,
        )
      : wrap('One run each: no spread is known, so that any difference may be chance.', width)),
  ].join('\n');
}

function missing(name: string, cells: Comparison['onlyInOne']): string[] {
  return cells.length === 0 ? [] : [`Only in ${name}: ${cells.map(printSettings).join('; ')}`];
}

function renderPair({ settings, one, other }: Pair, width: number): string[] {
  const errorMs = Math.max(0, ...[...one.results, ...other.results].map(lagErrorMs));
  const rows = FIGURE_NAMES.flatMap((name) => {
    const [a, b] = [one.figures[name], other.figures[name]];
    if (isNothing(a) && isNothing(b)) return [];
    const kind: FigureKind = FIGURES[name];
    return [[kind.title, cellText(kind, a, errorMs), cellText(kind, b, errorMs), difference(kind, a, b)]];
  });
  const heading = printSettings(settings);
  return [...(heading === '' ? [] : [heading]), ...renderTable(['', 'A', 'B', 'B to A'], rows, width)];
}

function isNothing(spread: Spread | null): boolean {
  return spread === null || spread.max === 0;
}

function cellText(kind: FigureKind, spread: Spread | null, errorMs: number): string {
  const median = formatFigure(kind, spread?.median ?? null, errorMs);
  const range = formatRange(kind, spread, errorMs);
  return range === '-' || range === median ? median : `${median} (${range})`;
}

/**
 * How much more or less B is, in per cent of A; what was not reached is more than any per cent. `-`: not known, as of two
 * single runs that did not reach it.
 */
function difference(kind: FigureKind, a: Spread | null, b: Spread | null): string {
  if (a === null || b === null) return '-';
  const order = differBeyondSpread(b, a);
  if (order === 0) {
    if (a.runs > 1 || b.runs > 1) return '≈';
    return a.median === b.median ? '=' : '-';
  }
  const word = wordFor(kind.better, order);
  if (typeof a.median !== 'number' || typeof b.median !== 'number' || a.median === 0) return word;
  const percent = (100 * (b.median - a.median)) / a.median;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(Math.abs(percent) < 10 ? 1 : 0)}% ${word}`;
}

function wordFor(better: FigureKind['better'], order: number): string {
  if (better === null) return order < 0 ? 'less' : 'more';
  return order < 0 === (better === 'less') ? 'better' : 'worse';
}
