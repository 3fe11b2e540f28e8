import { join, resolve } from 'node:path';
import { askValues } from '../experiment/ask-values.ts';
import { countCells, type KnownAxis, scenarioMs } from '../experiment/matrix.ts';
import type { ObjectiveName } from '../experiment/objective.ts';
import { printSettings } from '../experiment/settings.ts';
import { differences, newSweep, runSweep, type SweepSpec } from '../experiment/sweep.ts';
import type { Sweep } from '../experiment/sweep-file.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { sweepPage } from '../report/html/sweep-page.ts';
import { formatClock, formatCount } from '../report/precision.ts';
import { prepareOutDir, REPORT_FILE, writeText } from '../report/result-files.ts';
import { StatusLine } from '../report/status-line.ts';
import { readSweep, SWEEP_FILE, writeSweep } from '../report/sweep-files.ts';
import { badRun } from '../report/sweep-notes.ts';
import { sweepStatus } from '../report/sweep-progress.ts';
import { renderSweep } from '../report/sweep-report.ts';
import { type LoadedScenario, openScenario, ScenarioError } from '../scenario/load.ts';
import { EXIT } from './exit-codes.ts';
import { printedServer, requireAllowConfig, serverOf } from './experiment-server.ts';
import { listenForSignals } from './listen-for-signals.ts';
import { defaultOutDir } from './out-dir.ts';
import { tell } from './tell.ts';
import { terminalWidth } from './terminal-width.ts';
import { unwrittenFile } from './unwritten-file.ts';

export interface SweepCommandOptions {
  over: string[];
  repeats?: number;
  set: string[];
  server: string[];
  redis?: string;
  allowConfig?: boolean;
  seed?: number;
  out?: string;
  resume?: string;
  redisServer?: string;
  sort: ObjectiveName;
  yes?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** A sweep that takes longer is not begun unless told to. */
const LONG_MS = 3_600_000;
/** What a sweep.json can hold: a text of Node has at most half a billion characters. */
const MOST_RUNS = 15_000;

/** `ttlscope sweep`: one scenario under many settings. Returns the exit code. */
export async function sweepCommand(path: string, options: SweepCommandOptions): Promise<number> {
  const line = new StatusLine(process.stderr, { quiet: options.quiet ?? false });
  const interrupt = new AbortController();
  const stopListening = listenForSignals(interrupt, options.allowConfig ?? false, (text) => line.note(text));
  try {
    const { set, server, seed, over, repeats } = options;
    const given = { set, server, over, ...(seed !== undefined && { seed }), ...(repeats !== undefined && { repeats }) };
    const spec = await specOf(await openScenario(path, given), options, interrupt.signal);
    const sweep = options.resume === undefined ? newSweep(spec) : await earlier(options.resume, spec);
    const outDir = resolve(options.resume ?? options.out ?? defaultOutDir(`${spec.scenario.name}-sweep`));
    await prepareOutDir(outDir);
    const beganMs = monotonicMs();
    const unwritten = await runSweep(sweep, spec.scenario, {
      ...serverOf(options),
      signal: interrupt.signal,
      yes: options.yes ?? false,
      // What is changed on a server of the user's, and whether it was put back. Our own come and go.
      ...(options.redis !== undefined && { onNote: (note: string) => line.note(note) }),
      save: () => writeSweep(outDir, sweep),
      onProgress: (progress) => line.update(sweepStatus(progress, monotonicMs() - beganMs)),
      onBad: (settings, run) => {
        for (const note of badRun(run)) line.note(`${printSettings(settings)}: ${note}`);
      },
    }).catch(unwrittenFile);
    line.end();
    const text = options.json
      ? JSON.stringify(sweep)
      : renderSweep(sweep, { sortedBy: options.sort, width: terminalWidth() });
    process.stdout.write(`${text}\n`);
    const missing =
      unwritten ?? (await writeText(join(outDir, REPORT_FILE), () => sweepPage(sweep)).catch(unwrittenFile));
    if (missing) {
      process.stderr.write(`${missing.message}\n`);
      return EXIT.failed;
    }
    if (!options.json) {
      process.stdout.write(`\nsweep: ${join(outDir, SWEEP_FILE)}\nreport: ${join(outDir, REPORT_FILE)}\n`);
    }
    return exitCode(sweep);
  } catch (error) {
    line.end();
    return tell(error, interrupt.signal);
  } finally {
    stopListening();
  }
}

/** What is to be swept, as far as that can be known before: the server's values and its refusals, how long it takes. */
async function specOf(
  { scenario, sweep: plan, problemAt }: LoadedScenario,
  options: SweepCommandOptions,
  signal: AbortSignal,
): Promise<SweepSpec> {
  if (plan === null || plan.over.length === 0) {
    const message = 'no setting is named, and so there is nothing to sweep; use --over hz=10,100 or sweep.over';
    throw new ScenarioError([problemAt(['sweep', 'over'], message)]);
  }
  requireAllowConfig('a sweep', options);
  const refuseExcess = (axes: readonly KnownAxis[]): void => {
    const tooMuch = excess(axes, plan.repeats, scenarioMs(scenario), options.yes ?? false);
    if (tooMuch !== null) throw new ScenarioError([problemAt(['sweep', 'over'], tooMuch)]);
  };
  // Of ten thousand values a server is not asked. Those of `all` are not known yet: one at the least.
  refuseExcess(plan.over.map(({ setting, values }) => ({ setting, values: values === 'all' ? [values] : values })));
  const asking = { settings: scenario.server, ...serverOf(options), signal };
  const { axes, refusals } = await askValues(plan.over, asking);
  if (refusals.length > 0) {
    const placed = refusals.map(({ setting, message }) => problemAt(['sweep', 'over', setting], message));
    throw new ScenarioError(placed);
  }
  refuseExcess(axes);
  return { scenario, axes, repeats: plan.repeats, server: printedServer(options) };
}

/** Why a matrix is too large to be swept, or to be swept without being told to; `null`: it is not. */
function excess(axes: readonly KnownAxis[], repeats: number, runMs: number, yes: boolean): string | null {
  const cells = countCells(axes);
  const runs = cells * repeats;
  const size = `makes ${formatCount(cells)} cells, ${formatCount(runs)} runs of ${formatClock(runMs)}`;
  if (runs > MOST_RUNS) return `${size}; at most ${formatCount(MOST_RUNS)} runs fit into a sweep`;
  if (runs * runMs <= LONG_MS || yes) return null;
  return `${size}: at least ${formatClock(runs * runMs)} in all (hours:minutes:seconds); run it all the same with --yes`;
}

/** @throws {ScenarioError} when it was of something else */
async function earlier(path: string, spec: SweepSpec): Promise<Sweep> {
  const sweep = await readSweep(path);
  const different = differences(sweep, spec);
  if (different.length === 0) return sweep;
  const message = `is of another sweep: its ${different.join(', ')} ${different.length === 1 ? 'differs' : 'differ'}; give the same scenario and options, or begin a new one`;
  throw new ScenarioError([{ file: `--resume ${path}`, line: null, column: null, path: '', message }]);
}

/** What a shell learns of a sweep. */
function exitCode({ state, cells }: Sweep): number {
  if (state === 'aborted') return EXIT.signal;
  const runs = cells.flatMap((cell) => cell.runs);
  if (runs.every((run) => run.state === 'failed')) return EXIT.serverUnusable;
  const isValid = runs.every((run) => run.state === 'measured' && run.result.verdict.state === 'valid');
  return isValid ? EXIT.good : EXIT.invalidMeasurement;
}
