/**
 * A sweep measures each cell of a matrix of settings several times:
 *
 *     running ──► (a turn: one run of one cell; then the sweep is saved) ──► … ──► complete
 *        └── a signal: the present run is cut off and discarded ──► aborted
 *
 * The turns come in an order that the seed decides, each repeat with every cell once. A run that fails is recorded with
 * its error, and the next one begins. Gone on with, a sweep makes the runs that are not there, in the same order.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Scenario } from '../scenario/scenario.ts';
import { cellsOf, type KnownAxis, scenarioMs } from './matrix.ts';
import { type CellOptions, measureCell } from './measure-cell.ts';
import { orderOf } from './order.ts';
import type { Settings } from './settings.ts';
import { summarise, validResults } from './summary.ts';
import type { Sweep, SweptCell, SweptRun } from './sweep-file.ts';

export interface SweepSpec {
  scenario: Scenario;
  axes: readonly KnownAxis[];
  repeats: number;
  /** As printed: without a password. */
  server: Sweep['server'];
}

export interface SweepProgress {
  /** Runs that are done, of so many. */
  done: number;
  runs: number;
  settings: Settings;
  /** Of all that is to come, by what the runs so far took beyond the scenario's time. */
  remainingMs: number;
  /** Time of all runs, by the same. */
  wholeMs: number;
}

export interface SweepOptions extends Omit<CellOptions, 'onProgress'> {
  /** Called after each run and at the end, and waited for. */
  save: (sweep: Sweep) => Promise<void>;
  onProgress?: (progress: SweepProgress) => void;
  /** Called with each run that failed or is invalid. */
  onBad?: (settings: Settings, run: SweptRun) => void;
}

export function newSweep({ scenario, axes, repeats, server }: SweepSpec): Sweep {
  return {
    schema: 'ttlscope.sweep/1',
    state: 'running',
    scenario: { ...scenario },
    seed: scenario.seed,
    repeats,
    axes: axes.map(({ setting, values }) => ({ setting, values })),
    server,
    startedAt: new Date().toISOString(),
    cells: cellsOf(axes).map((settings) => ({ settings, runs: [], figures: summarise([]) })),
  };
}

/** In what an earlier sweep differs from what is asked for now; empty: it can be gone on with. */
export function differences(earlier: Sweep, spec: SweepSpec): string[] {
  const now = JSON.parse(JSON.stringify(newSweep(spec))) as Sweep;
  const names = ['scenario', 'seed', 'repeats', 'axes', 'server'] as const;
  return names.filter((name) => !isDeepStrictEqual(earlier[name], now[name]));
}

/**
 * Makes the runs that the sweep has no result of yet. Failed ones are tried again.
 *
 * @param sweep a new one, or one that was interrupted; it is changed in place
 */
export async function runSweep(sweep: Sweep, scenario: Scenario, options: SweepOptions): Promise<void> {
  const { save, onProgress, onBad, ...cellOptions } = options;
  const { cells, repeats, seed } = sweep;
  const turns = orderOf(cells.length, repeats, seed);
  const open = turns.filter(({ cell, repeat }) => !isMeasured(cells[cell]!, repeat));
  sweep.state = 'running';
  for (const [i, turn] of open.entries()) {
    const cell = cells[turn.cell]!;
    const runMs = scenarioMs(scenario) + overheadMs(cells, scenario);
    const report = (elapsedMs: number): void =>
      onProgress?.({
        done: turns.length - open.length + i,
        runs: turns.length,
        settings: cell.settings,
        remainingMs: Math.max(0, runMs - elapsedMs) + (open.length - i - 1) * runMs,
        wholeMs: turns.length * runMs,
      });
    report(0);
    const measurement = await measureCell(scenario, cell.settings, {
      ...cellOptions,
      onProgress: ({ elapsedMs }) => report(elapsedMs),
    });
    if (measurement.state === 'aborted') {
      sweep.state = 'aborted';
      break;
    }
    const run = { ...measurement, repeat: turn.repeat };
    record(cell, run);
    if (run.state === 'failed' || run.result.verdict.state !== 'valid') onBad?.(cell.settings, run);
    await save(sweep);
  }
  if (sweep.state === 'running') sweep.state = 'complete';
  await save(sweep);
}

function isMeasured({ runs }: SweptCell, repeat: number): boolean {
  return runs.some((run) => run.repeat === repeat && run.state === 'measured');
}

/** Adds a run, in the place of an earlier one that failed. */
function record(cell: SweptCell, run: SweptRun): void {
  cell.runs = [...cell.runs.filter(({ repeat }) => repeat !== run.repeat), run];
  cell.figures = summarise(validResults(cell.runs));
}

/** Mean time of a measured run beyond the scenario's; 0 before the first. */
function overheadMs(cells: readonly SweptCell[], scenario: Scenario): number {
  const walls = cells.flatMap(({ runs }) => runs.flatMap((run) => (run.state === 'measured' ? run.wallSeconds : [])));
  if (walls.length === 0) return 0;
  return (walls.reduce((sum, wall) => sum + wall, 0) / walls.length) * 1000 - scenarioMs(scenario);
}
