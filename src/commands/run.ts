import { join, resolve } from 'node:path';
import { Progress } from '../report/progress.ts';
import { prepareOutDir, REPORT_FILE, RESULT_FILE, writeReports, writeResult } from '../report/result-files.ts';
import { SessionsCsv } from '../report/sessions-csv.ts';
import { renderSummary } from '../report/summary.ts';
import type { Result } from '../result/schema.ts';
import { run } from '../run/run.ts';
import { loadScenario } from '../scenario/load.ts';
import { commandLine } from './command-line.ts';
import { EXIT } from './exit-codes.ts';
import { listenForSignals } from './listen-for-signals.ts';
import { defaultOutDir } from './out-dir.ts';
import { ShownRun, type ShowOptions } from './shown-run.ts';
import { tell } from './tell.ts';

export interface RunCommandOptions extends ShowOptions {
  redis?: string;
  out?: string;
  set: string[];
  server: string[];
  seed?: number;
  json?: boolean;
  quiet?: boolean;
  sessions?: string;
  redisServer?: string;
  sampleEvery?: number;
  yes?: boolean;
  allowConfig?: boolean;
  /** False for `--no-config`. */
  config: boolean;
}

/** `ttlscope run`: one scenario, one result. Returns the exit code. */
export async function runCommand(path: string, options: RunCommandOptions): Promise<number> {
  const progress = new Progress(process.stderr, { quiet: options.quiet ?? false });
  const note = (line: string): void => progress.note(line);
  const interrupt = new AbortController();
  const stopListening = listenForSignals(interrupt, options.allowConfig ?? false, note);
  let shown: ShownRun | null = null;
  try {
    const { set, server, seed } = options;
    const scenario = await loadScenario(path, { set, server, ...(seed !== undefined && { seed }) });
    const outDir = resolve(options.out ?? defaultOutDir(scenario.name));
    await prepareOutDir(outDir);
    const sessions = options.sessions === undefined ? null : await SessionsCsv.open(options.sessions);
    shown = await ShownRun.open(scenario, options, note);
    const { watcher } = shown;
    const result = await run(scenario, {
      ...(options.redis !== undefined && { redis: options.redis }),
      ...(options.redisServer !== undefined && { redisServer: options.redisServer }),
      ...(options.sampleEvery !== undefined && { sampleEveryMs: options.sampleEvery }),
      ...(watcher && { watcher }),
      command: commandLine(process.argv.slice(2)),
      ...(sessions && { onLife: (life) => sessions.row(life) }),
      signal: interrupt.signal,
      yes: options.yes ?? false,
      allowConfig: options.allowConfig ?? false,
      noConfig: !options.config,
      onProgress: (status) => progress.update(status),
      onNote: note,
    });
    progress.end();
    const unwritten = await reasonsOf([
      sessions?.close(),
      writeResult(outDir, result),
      writeReports(outDir, result),
      shown.end(result),
    ]);
    print(result, options);
    for (const reason of unwritten) process.stderr.write(`${reason}\n`);
    if (!options.json && unwritten.length === 0)
      process.stdout.write(`\nresult: ${join(outDir, RESULT_FILE)}\nreport: ${join(outDir, REPORT_FILE)}\n`);
    stopListening();
    if (!interrupt.signal.aborted) await shown.linger();
    return unwritten.length > 0 ? EXIT.failed : exitCode(result);
  } catch (error) {
    progress.end();
    return tell(error, interrupt.signal);
  } finally {
    await shown?.close();
    stopListening();
  }
}

/** Waits for all of them; the messages of those that failed. */
async function reasonsOf(writing: readonly (Promise<unknown> | undefined)[]): Promise<string[]> {
  const settled = await Promise.allSettled(writing);
  return settled.flatMap((outcome) => (outcome.status === 'rejected' ? [(outcome.reason as Error).message] : []));
}

function print(result: Result, options: RunCommandOptions): void {
  const colour = process.stdout.isTTY && !process.env.NO_COLOR;
  const text = options.json ? JSON.stringify(result) : renderSummary(result, { colour });
  process.stdout.write(`${text}\n`);
}

/** What a shell learns of a result. */
function exitCode({ verdict, thresholds }: Result): number {
  if (verdict.state === 'aborted') return EXIT.signal;
  if (verdict.state === 'invalid') return EXIT.invalidMeasurement;
  return thresholds.every(({ ok }) => ok) ? EXIT.good : EXIT.thresholdFailed;
}
