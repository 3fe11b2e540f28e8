import { FIGURES, type FigureName } from '../experiment/figures.ts';
import { compareMedians, OBJECTIVES, type ObjectiveName, type Summary } from '../experiment/objective.ts';
import { paretoFront, TRADED, tradedIn } from '../experiment/pareto.ts';
import { differBeyondSpread } from '../experiment/spread.ts';
import { validResults } from '../experiment/summary.ts';
import type { Sweep, SweptCell } from '../experiment/sweep-file.ts';
import { formatFigure, formatRange, oddsText } from './figure-text.ts';
import { lagErrorMs } from './finding.ts';
import { formatCount } from './precision.ts';
import { cellLabel, shownFigures } from './sweep-columns.ts';
import { cellNotes } from './sweep-notes.ts';
import { renderTable, wrap } from './table.ts';

const ALIKE = '≈';
const FRONT = '*';

export interface SweepReportOptions {
  sortedBy: ObjectiveName;
  /** Columns of the terminal. */
  width: number;
}

/** What a person reads at the end of a sweep: its cells, the best by the objective first, and what went wrong. */
export function renderSweep(sweep: Sweep, { sortedBy, width }: SweepReportOptions): string {
  const measured = sweep.cells
    .filter(({ runs }) => validResults(runs).length > 0)
    .sort((a, b) => compareAll(sortedBy, a.figures, b.figures));
  const lines = [
    ...wrap(headline(sweep), width),
    '',
    ...(measured.length === 0 ? ['No run was valid.'] : table(sweep, measured, sortedBy, width)),
    ...cellNotes(sweep, cellLabel).flatMap((note) => wrap(`- ${note}`, width, '  ')),
  ];
  return lines.join('\n');
}

/** By the objective; what is alike in it by what is traded. */
function compareAll(sortedBy: ObjectiveName, one: Summary, other: Summary): number {
  for (const objective of [sortedBy, ...TRADED]) {
    const order = compareMedians(objective, one, other);
    if (order !== 0) return order;
  }
  return 0;
}

function headline({ scenario, cells, repeats, state, server }: Sweep): string {
  const runs = cells.flatMap((cell) => cell.runs);
  const valid = cells.reduce((sum, cell) => sum + validResults(cell.runs).length, 0);
  const [first] = runs.flatMap((run) => (run.state === 'measured' ? [run.result.server] : []));
  const where = server.endpoint === null ? 'embedded, fresh for each run' : `at ${server.endpoint}`;
  const engine = first ? `; ${first.engine} ${first.version}, ${where}` : '';
  const planned = cells.length * repeats;
  const ended =
    state === 'complete' ? '' : `; ${state === 'aborted' ? 'ABORTED' : 'NOT COMPLETE'}: ${runs.length} made`;
  return `${String(scenario.name)}: ${count(cells.length, 'cell')}, ${count(repeats, 'run')} each, ${formatCount(valid)} of ${formatCount(planned)} valid${ended}${engine}`;
}

function table({ axes }: Sweep, cells: readonly SweptCell[], sortedBy: ObjectiveName, width: number) {
  const summaries = cells.map(({ figures }) => figures);
  const traded = tradedIn(summaries);
  const onFront = paretoFront(summaries, traded);
  const runs = cells.map((cell) => validResults(cell.runs).length);
  const isRepeated = Math.max(...runs) > 1;
  const [by] = OBJECTIVES[sortedBy];
  const columns = [by, ...shownFigures(summaries).filter((name) => name !== by)];
  const rows = cells.map((cell, row) => {
    const errorMs = Math.max(...validResults(cell.runs).map(lagErrorMs));
    const text = (name: FigureName): string => {
      const mark = row > 0 && isAlike(name, cell.figures, summaries[0]!) ? `${ALIKE} ` : '';
      return mark + formatFigure(FIGURES[name], cell.figures[name]?.median ?? null, errorMs);
    };
    const [first, ...rest] = columns.map(text);
    const range = isRepeated ? [formatRange(FIGURES[by], cell.figures[by], errorMs)] : [];
    return [`${onFront[row] ? FRONT : ' '} ${cellLabel(cell)}`, first!, ...range, ...rest];
  });
  const [first, ...rest] = columns.map((name) => FIGURES[name].title);
  const header = ['  cell', first!, ...(isRepeated ? ['least – greatest'] : []), ...rest];
  const names = traded.map((objective) => FIGURES[OBJECTIVES[objective][0]].title).join(', ');
  return [
    ...wrap(`A cell is ${axes.map(({ setting }) => setting).join(' · ')}. Sorted by ${FIGURES[by].title}.`, width),
    '',
    ...renderTable(header, rows, width),
    '',
    ...wrap(`${FRONT} on the Pareto front of ${names}: no cell is as good in each and better in one.`, width, '  '),
    ...(isRepeated
      ? wrap(
          `${ALIKE} no different from the first row: the ranges of the runs overlap${oddsText(Math.min(...runs))}. Figures are medians.`,
          width,
          '  ',
        )
      : wrap('One run a cell: no spread is known, so that any difference may be chance.', width)),
  ];
}

function isAlike(name: FigureName, one: Summary, other: Summary): boolean {
  const [a, b] = [one[name], other[name]];
  return a !== null && b !== null && (a.runs > 1 || b.runs > 1) && differBeyondSpread(a, b) === 0;
}

function count(n: number, one: string): string {
  return `${formatCount(n)} ${one}${n === 1 ? '' : 's'}`;
}
