import { join, resolve } from 'node:path';
import { scenarioMs } from '../experiment/matrix.ts';
import { budgetMs, newTune, runTune, type TuneSpec } from '../experiment/tune.ts';
import type { Reason } from '../experiment/tune-axes.ts';
import type { Tune } from '../experiment/tune-file.ts';
import { tuneSpecOf } from '../experiment/tune-spec.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { formatClock } from '../report/precision.ts';
import { prepareOutDir } from '../report/result-files.ts';
import { StatusLine } from '../report/status-line.ts';
import { CONF_FILE, TUNE_FILE, writeTune } from '../report/tune-files.ts';
import { tuneStatus } from '../report/tune-progress.ts';
import { renderTune } from '../report/tune-report.ts';
import { openScenario } from '../scenario/load.ts';
import { EXIT } from './exit-codes.ts';
import { type ExperimentServerOptions, printedServer, requireAllowConfig, serverOf } from './experiment-server.ts';
import { listenForSignals } from './listen-for-signals.ts';
import { defaultOutDir } from './out-dir.ts';
import { tell } from './tell.ts';
import { terminalWidth } from './terminal-width.ts';
import { unwrittenFile } from './unwritten-file.ts';

export interface TuneCommandOptions extends ExperimentServerOptions {
  goal: string[];
  over: string[];
  budget: number;
  repeats: number;
  /** Share of the scenario's length. */
  short: number;
  set: string[];
  server: string[];
  seed?: number;
  out?: string;
  yes?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `ttlscope tune`: the cheapest settings that meet goals. Returns the exit code. */
export async function tuneCommand(path: string, options: TuneCommandOptions): Promise<number> {
  const line = new StatusLine(process.stderr, { quiet: options.quiet ?? false });
  const interrupt = new AbortController();
  const stopListening = listenForSignals(interrupt, options.allowConfig ?? false, (text) => line.note(text));
  try {
    const spec = await specOf(path, options, interrupt.signal);
    const tune = newTune(spec);
    const outDir = resolve(options.out ?? defaultOutDir(`${spec.scenario.name}-tune`));
    await prepareOutDir(outDir);
    for (const text of announcement(spec)) line.note(text);
    const beganMs = monotonicMs();
    const unwritten = await runTune(tune, spec, {
      ...serverOf(options),
      signal: interrupt.signal,
      yes: options.yes ?? false,
      // What is changed on a server of the user's, and whether it was put back. Our own come and go.
      ...(options.redis !== undefined && { onNote: (note: string) => line.note(note) }),
      save: () => writeTune(outDir, tune),
      onProgress: (progress) => line.update(tuneStatus(progress, spec.budget, monotonicMs() - beganMs)),
    }).catch(unwrittenFile);
    line.end();
    const text = options.json ? JSON.stringify(tune) : renderTune(tune, terminalWidth());
    process.stdout.write(`${text}\n`);
    if (unwritten) {
      process.stderr.write(`${unwritten.message}\n`);
      return EXIT.failed;
    }
    if (!options.json) {
      const files = tune.finding?.outcome === 'found' ? [CONF_FILE, TUNE_FILE] : [TUNE_FILE];
      process.stdout.write(`\nwritten: ${files.map((file) => join(outDir, file)).join(', ')}\n`);
    }
    return exitCode(tune);
  } catch (error) {
    line.end();
    return tell(error, interrupt.signal);
  } finally {
    stopListening();
  }
}

async function specOf(path: string, options: TuneCommandOptions, signal: AbortSignal): Promise<TuneSpec> {
  const { set, server, seed, over, goal, budget, repeats, short } = options;
  const loaded = await openScenario(path, { set, server, over, ...(seed !== undefined && { seed }) });
  requireAllowConfig('a search', options);
  const request = { goals: goal, ownAxes: over.length > 0, budget, repeats, shortShare: short };
  const spec = await tuneSpecOf(loaded, request, { ...serverOf(options), signal });
  return { ...spec, server: printedServer(options) };
}

/** What is about to be done, and how long it may take. */
function announcement(spec: TuneSpec): string[] {
  const { axes, reasons, leftOut, budget, scenario, short } = spec;
  const lengths = `short ones of ${formatClock(scenarioMs(short))}, full ones of ${formatClock(scenarioMs(scenario))}`;
  return [
    ...axes.map(({ setting, levels, present }) => {
      const why = reasons.find((reason) => reason.setting === setting)?.why;
      return `${setting}: ${levels[present]} now, of ${levels.join(', ')}${why === undefined ? '' : ` (${why})`}`;
    }),
    ...grouped(leftOut).map(([why, settings]) => `left alone: ${settings.join(', ')}: ${why}`),
    `at most ${budget} runs, ${lengths}: ${formatClock(budgetMs(spec))} or less, beside the starts and ends of servers`,
  ];
}

/** Settings by what is said of them. */
function grouped(reasons: readonly Reason[]): [why: string, settings: string[]][] {
  const groups = new Map<string, string[]>();
  for (const { setting, why } of reasons) groups.set(why, [...(groups.get(why) ?? []), setting]);
  return [...groups];
}

/** What a shell learns of a search. */
function exitCode({ state, finding }: Tune): number {
  if (state === 'aborted' || finding === null) return EXIT.signal;
  switch (finding.outcome) {
    case 'found':
    case 'unchanged':
      return EXIT.good;
    case 'none':
      return EXIT.thresholdFailed;
    case 'not measurable':
      return EXIT.invalidMeasurement;
    default:
      return finding.outcome satisfies never;
  }
}
