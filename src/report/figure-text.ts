import type { Figure, FigureKind } from '../experiment/figures.ts';
import { oddsApart, type Spread } from '../experiment/spread.ts';
import { formatBeyond, formatBytes, formatCount, formatLag, formatShare } from './precision.ts';

/** The server's accounts of its processor time are finer; the samples that they are the difference of are not. */
const ACCOUNTS_ERROR_MS = 1;

/** A figure for people, `-` where it is not known. `errorMs` is the bound of the error of a lag. */
export function formatFigure({ unit }: Pick<FigureKind, 'unit'>, figure: Figure, errorMs: number): string {
  if (figure === null) return '-';
  if (typeof figure !== 'number') return formatBeyond(figure.beyond, errorMs);
  switch (unit) {
    case 'lag':
      return formatLag(figure, errorMs);
    case 'seconds':
      return formatLag(figure, ACCOUNTS_ERROR_MS);
    case 'share':
      return formatShare(figure, 1);
    case 'count':
      return formatCount(figure);
    case 'bytes':
      return formatBytes(figure);
    default:
      return unit satisfies never;
  }
}

/** Least and greatest, `1.88 – 1.95 s`; `-` of a single run, which has no spread. */
export function formatRange(kind: FigureKind, spread: Spread | null, errorMs: number): string {
  if (spread === null || spread.runs < 2) return '-';
  const least = formatFigure(kind, spread.min, errorMs);
  const most = formatFigure(kind, spread.max, errorMs);
  if (least === most) return least;
  const [, unit = ''] = /( ?[^\d]+)$/.exec(most) ?? [];
  return `${least.endsWith(unit) ? least.slice(0, least.length - unit.length) : least} – ${most}`;
}

/** How much ranges that are apart prove, with so many runs in the cell that has the fewest. */
export function oddsText(runs: number): string {
  if (runs < 2) return '; where a cell has one run, any difference may be chance';
  return ` (those of two equal cells are apart once in ${formatCount(oddsApart(runs))} by chance)`;
}
