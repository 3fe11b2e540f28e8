import { FIGURE_NAMES, FIGURES, type FigureName } from '../../experiment/figures.ts';
import { OBJECTIVES } from '../../experiment/objective.ts';
import { paretoFront, tradedIn } from '../../experiment/pareto.ts';
import { validResults } from '../../experiment/summary.ts';
import type { Sweep, SweptCell } from '../../experiment/sweep-file.ts';
import { formatFigure, formatRange, oddsText } from '../figure-text.ts';
import { lagErrorMs } from '../finding.ts';
import { formatCount } from '../precision.ts';
import { cellNotes } from '../sweep-notes.ts';
import { type Markup, markup } from './markup.ts';
import { page, section, table } from './page.ts';
import { tradeOff } from './trade-off.ts';

const SHADES = 5;

/** The report of a sweep: the matrix as a heatmap, what is traded, and the settings to write down. */
export function sweepPage(sweep: Sweep): string {
  const { scenario, cells, repeats, axes, state, startedAt } = sweep;
  const measured = cells.filter(({ runs }) => validResults(runs).length > 0);
  const runs = cells.flatMap((cell) => cell.runs);
  const valid = cells.reduce((sum, cell) => sum + validResults(cell.runs).length, 0);
  const first = runs.find((run) => run.state === 'measured');
  const engine = first?.state === 'measured' ? `${first.result.server.engine} ${first.result.server.version}` : '';
  const notes = cellNotes(sweep, labelOf);
  return page(
    `${String(scenario.name)}: ttlscope sweep`,
    markup`<header><h1>${String(scenario.name)}: ${formatCount(cells.length)} cells of ${axes.map(({ setting }) => setting).join(' × ')}</h1>
<p class="quiet">${startedAt.replace('T', ' ').replace(/\..*/, '')} UTC; ${engine}; ${String(repeats)} runs each, ${formatCount(valid)} of ${formatCount(cells.length * repeats)} valid</p></header>
<main>
${state === 'complete' ? null : markup`<div class="verdict bad"><strong>${state === 'aborted' ? 'Aborted' : 'Not complete'}: ${formatCount(runs.length)} runs made</strong></div>`}
${measured.length === 0 ? markup`<p class="finding">No run was valid.</p>` : figuresOf(sweep, measured)}
${notes.length === 0 ? null : section('What to know', markup`<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>`)}
</main>`,
  );
}

function figuresOf(sweep: Sweep, measured: readonly SweptCell[]): Markup {
  const summaries = measured.map(({ figures }) => figures);
  const traded = tradedIn(summaries);
  const onFront = paretoFront(summaries, traded);
  const front = measured.filter((_, i) => onFront[i]);
  const runs = Math.min(...measured.map((cell) => validResults(cell.runs).length));
  const names = traded.map((objective) => FIGURES[OBJECTIVES[objective][0]].title).join(', ');
  return markup`
${section('Trade-off', markup`<div class="charts">${tradeOff(measured, onFront)}</div><p class="quiet">On the Pareto front of ${names}: no cell is as good in each and better in one.</p>`)}
${section('All cells', markup`${matrix(measured, onFront)}<p class="quiet">Medians, with the least and the greatest of the runs; the darker the worse in its column${oddsText(runs)}. ✶: on the front.</p>`)}
${section(
  'For redis.conf',
  front.map((cell) => markup`<pre>${fragment(sweep, cell)}</pre>`),
)}`;
}

function matrix(cells: readonly SweptCell[], onFront: readonly boolean[]): Markup {
  const names = FIGURE_NAMES.filter((name) =>
    cells.some(({ figures }) => figures[name] !== null && figures[name].max !== 0),
  );
  const shadeOf = Object.fromEntries(names.map((name) => [name, shades(name, cells)]));
  const rows = cells.map((cell, row) => {
    const errorMs = Math.max(...validResults(cell.runs).map(lagErrorMs));
    const fields = names.map((name) => {
      const kind = FIGURES[name];
      const spread = cell.figures[name];
      const range = spread === null || spread.runs < 2 ? '' : ` (${formatRange(kind, spread, errorMs)})`;
      const share = shadeOf[name]![row]!;
      return markup`<span class="shade s${share}">${formatFigure(kind, spread?.median ?? null, errorMs)}<small>${range}</small></span>`;
    });
    return [`${onFront[row] ? '✶ ' : ''}${labelOf(cell)}`, ...fields];
  });
  return table(['cell', ...names.map((name) => FIGURES[name].title)], rows);
}

/** Of each cell how bad it is in this figure, from 0 for the best to SHADES for the worst; 0 where neither is better. */
function shades(name: FigureName, cells: readonly SweptCell[]): number[] {
  const { better } = FIGURES[name];
  const values = cells.map(({ figures }) => {
    const median = figures[name]?.median ?? null;
    return median === null || typeof median === 'number' ? median : median.beyond;
  });
  const known = values.filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return values.map((value) => {
    if (value === null || better === null || most === least) return 0;
    const share = (value - least) / (most - least);
    return Math.round((better === 'less' ? share : 1 - share) * SHADES);
  });
}

/** The settings of a cell as redis.conf has them, below what was measured. */
function fragment({ axes }: Sweep, cell: SweptCell): string {
  const errorMs = Math.max(...validResults(cell.runs).map(lagErrorMs));
  const told = (['lagP50Seconds', 'lagP99Seconds', 'liveLost', 'serverCpuSeconds'] as const).map((name) => {
    return `${FIGURES[name].title} ${formatFigure(FIGURES[name], cell.figures[name]?.median ?? null, errorMs)}`;
  });
  const settings = axes.map(({ setting }) => {
    const value = cell.settings[setting]!;
    return `${setting} ${value === '' ? '""' : value}`;
  });
  return [`# ${told.join(', ')}`, ...settings].join('\n');
}

function labelOf({ settings }: Pick<SweptCell, 'settings'>): string {
  return Object.values(settings)
    .map((value) => (value === '' ? '""' : value))
    .join(' · ');
}
