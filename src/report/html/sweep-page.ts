import { stringify } from 'yaml';
import { FIGURES } from '../../experiment/figures.ts';
import { OBJECTIVES } from '../../experiment/objective.ts';
import { paretoFront, tradedIn } from '../../experiment/pareto.ts';
import { validResults } from '../../experiment/summary.ts';
import type { Sweep, SweptCell } from '../../experiment/sweep-file.ts';
import { formatFigure, formatRange, oddsText } from '../figure-text.ts';
import { lagErrorMs } from '../finding.ts';
import { formatCount } from '../precision.ts';
import { cellLabel, shownFigures } from '../sweep-columns.ts';
import { cellNotes } from '../sweep-notes.ts';
import { type Markup, markup } from './markup.ts';
import { page, pairs, section, table } from './page.ts';
import { shadesOf } from './shades.ts';
import { sweepGrids } from './sweep-grid.ts';
import { tradeOff } from './trade-off.ts';

/** The report of a sweep: the matrix as a heatmap, what is traded, and the settings to write down. */
export function sweepPage(sweep: Sweep): string {
  const { scenario, cells, repeats, axes, state, startedAt, server } = sweep;
  const measured = cells.filter(({ runs }) => validResults(runs).length > 0);
  const runs = cells.flatMap((cell) => cell.runs);
  const valid = cells.reduce((sum, cell) => sum + validResults(cell.runs).length, 0);
  const first = runs.find((run) => run.state === 'measured');
  const engine = first?.state === 'measured' ? `${first.result.server.engine} ${first.result.server.version}` : '';
  const notes = cellNotes(sweep, cellLabel);
  return page(
    `${String(scenario.name)}: ttlscope sweep`,
    markup`<header><h1>${String(scenario.name)}: ${count(cells.length, 'cell')} of ${axes.map(({ setting }) => setting).join(' × ')}</h1>
<p class="quiet">${startedAt.replace('T', ' ').replace(/\..*/, '')} UTC; ${engine}${server.endpoint === null ? ', embedded' : ` at ${server.endpoint}`}; ${count(repeats, 'run')} each, ${formatCount(valid)} of ${formatCount(cells.length * repeats)} valid</p></header>
<main>
${state === 'complete' ? null : markup`<div class="verdict bad"><strong>${state === 'aborted' ? 'Aborted' : 'Not complete'}: ${count(runs.length, 'run')} made</strong></div>`}
${measured.length === 0 ? markup`<p class="finding">No run was valid.</p>` : figuresOf(sweep, measured)}
${notes.length === 0 ? null : section('What to know', markup`<ul>${notes.map((note) => markup`<li>${note}</li>`)}</ul>`)}
${section('To run it again', reproduction(sweep))}
</main>`,
  );
}

function figuresOf(sweep: Sweep, measured: readonly SweptCell[]): Markup {
  const summaries = measured.map(({ figures }) => figures);
  const traded = tradedIn(summaries);
  const onFront = paretoFront(summaries, traded);
  const front = measured.filter((_, i) => onFront[i]);
  const runs = Math.min(...measured.map((cell) => validResults(cell.runs).length));
  const figures = traded.map((objective) => OBJECTIVES[objective][0]);
  const names = figures.map((name) => FIGURES[name].title).join(', ');
  const grids = sweepGrids(sweep, measured, figures);
  return markup`
${section('Trade-off', markup`<div class="charts">${tradeOff(measured, onFront)}</div><p class="quiet">On the Pareto front of ${names}: no cell is as good in each and better in one.</p>`)}
${grids === null ? null : section('The matrix', grids)}
${section('All cells', markup`${matrix(measured, onFront)}<p class="quiet">Medians, with the least and the greatest of the runs; the darker the worse beside the best of its column; no shade: the best, or no different from it, as the ranges of the runs overlap${oddsText(runs)}. ✶: on the front.</p>`)}
${section(
  'For redis.conf',
  front.map((cell) => markup`<pre>${fragment(sweep, cell)}</pre>`),
)}`;
}

function matrix(cells: readonly SweptCell[], onFront: readonly boolean[]): Markup {
  const names = shownFigures(cells.map(({ figures }) => figures));
  const shadeOf = Object.fromEntries(
    names.map((name) => [
      name,
      shadesOf(
        cells.map(({ figures }) => figures[name]),
        FIGURES[name].better,
      ),
    ]),
  );
  const rows = cells.map((cell, row) => {
    const errorMs = Math.max(...validResults(cell.runs).map(lagErrorMs));
    const fields = names.map((name) => {
      const kind = FIGURES[name];
      const spread = cell.figures[name];
      const range =
        spread === null || spread.runs < 2 ? null : markup`<small>${formatRange(kind, spread, errorMs)}</small>`;
      const share = shadeOf[name]![row]!;
      return markup`<span class="shade s${share}">${formatFigure(kind, spread?.median ?? null, errorMs)}${range}</span>`;
    });
    return [`${onFront[row] ? '✶ ' : ''}${cellLabel(cell)}`, ...fields];
  });
  return table(['cell', ...names.map((name) => FIGURES[name].title)], rows);
}

/** The settings of a cell as redis.conf has them, below what was measured. */
function fragment({ axes }: Sweep, cell: SweptCell): string {
  const errorMs = Math.max(...validResults(cell.runs).map(lagErrorMs));
  const told = (['lagP50Seconds', 'lagP99Seconds', 'liveLost', 'serverCpuSeconds'] as const).map((name) => {
    return `${FIGURES[name].title} ${formatFigure(FIGURES[name], cell.figures[name]?.median ?? null, errorMs)}`;
  });
  const settings = axes.map(({ setting }) => {
    return `${setting} ${written(cell.settings[setting]!)}`;
  });
  return [`# ${told.join(', ')}`, ...settings].join('\n');
}

function reproduction({ axes, repeats, seed, scenario }: Sweep): Markup {
  const over = axes.map(({ setting, values }) => [setting, values.map(written).join(', ')] as const);
  return markup`${pairs([...over, ['repeats', String(repeats)], ['seed', String(seed)]])}
<details><summary>The scenario, resolved</summary><pre>${stringify(scenario)}</pre></details>`;
}

/** As a configuration file has it. */
function written(value: string): string {
  return value === '' ? '""' : value;
}

function count(n: number, one: string): string {
  return `${formatCount(n)} ${one}${n === 1 ? '' : 's'}`;
}
