import { FIGURES, type FigureName } from '../../experiment/figures.ts';
import { validResults } from '../../experiment/summary.ts';
import type { Sweep, SweptCell } from '../../experiment/sweep-file.ts';
import { formatFigure } from '../figure-text.ts';
import { lagErrorMs } from '../finding.ts';
import { type Markup, markup } from './markup.ts';
import { table } from './page.ts';
import { shadesOf } from './shades.ts';

/**
 * A matrix of two settings as it is: one down, one across, a grid for each of the figures in which cells differ; `null`: it has
 * not two, or no cell differs.
 */
export function sweepGrids(
  { axes }: Sweep,
  measured: readonly SweptCell[],
  figures: readonly FigureName[],
): Markup | null {
  const [down, across, ...more] = axes;
  if (down === undefined || across === undefined || more.length > 0) return null;
  const cellAt = (row: string, column: string): number =>
    measured.findIndex(({ settings }) => settings[down.setting] === row && settings[across.setting] === column);
  const grids = figures.flatMap((name) => {
    const kind = FIGURES[name];
    const shades = shadesOf(
      measured.map((cell) => cell.figures[name]),
      kind.better,
    );
    if (!shades.some((shade) => shade > 0)) return [];
    const field = (at: number): Markup => {
      const cell = measured[at];
      if (cell === undefined) return markup`<span class="shade">-</span>`;
      const errorMs = Math.max(...validResults(cell.runs).map(lagErrorMs));
      const text = formatFigure(kind, cell.figures[name]?.median ?? null, errorMs);
      return markup`<span class="shade s${shades[at]!}">${text}</span>`;
    };
    const rows = down.values.map((row) => [row, ...across.values.map((column) => field(cellAt(row, column)))]);
    return [
      markup`<figure><figcaption><h3>${kind.title}</h3><p class="quiet">${down.setting} down, ${across.setting} across</p></figcaption>${table(['', ...across.values], rows)}</figure>\n`,
    ];
  });
  return grids.length === 0 ? null : markup`<div class="charts">${grids}</div>`;
}
