import { join, resolve } from 'node:path';
import { formatWithOptions } from 'node:util';
import { EndpointError } from '../redis/endpoint.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { FileError } from '../report/file-error.ts';
import { renderHgrm } from '../report/hgrm.ts';
import { Progress } from '../report/progress.ts';
import { prepareOutDir, RESULT_FILE, writeResult } from '../report/result-files.ts';
import { SessionsCsv } from '../report/sessions-csv.ts';
import { renderSummary } from '../report/summary.ts';
import type { Result } from '../result/schema.ts';
import { run } from '../run/run.ts';
import { loadScenario, ScenarioError } from '../scenario/load.ts';
import { EXIT } from './exit-codes.ts';

export interface RunCommandOptions {
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
  const interrupt = new AbortController();
  const stopListening = listenForSignals(interrupt, options.allowConfig ?? false, (line) => progress.note(line));
  try {
    const { set, server, seed } = options;
    const scenario = await loadScenario(path, { set, server, ...(seed !== undefined && { seed }) });
    const outDir = resolve(options.out ?? defaultOutDir(scenario.name));
    await prepareOutDir(outDir);
    const sessions = options.sessions === undefined ? null : await SessionsCsv.open(options.sessions);
    const result = await run(scenario, {
      ...(options.redis !== undefined && { redis: options.redis }),
      ...(options.redisServer !== undefined && { redisServer: options.redisServer }),
      ...(options.sampleEvery !== undefined && { sampleEveryMs: options.sampleEvery }),
      ...(sessions && { onLife: (life) => sessions.row(life) }),
      signal: interrupt.signal,
      yes: options.yes ?? false,
      allowConfig: options.allowConfig ?? false,
      noConfig: !options.config,
      onProgress: (status) => progress.update(status),
      onNote: (line) => progress.note(line),
    });
    progress.end();
    const unwritten = await reasonsOf([sessions?.close(), writeResult(outDir, result, renderHgrm(result))]);
    print(result, options);
    for (const reason of unwritten) process.stderr.write(`${reason}\n`);
    if (unwritten.length > 0) return EXIT.failed;
    if (!options.json) process.stdout.write(`\nresult: ${join(outDir, RESULT_FILE)}\n`);
    return exitCode(result);
  } catch (error) {
    progress.end();
    return tell(error, interrupt.signal);
  } finally {
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

/** Why there is no result. */
function tell(error: unknown, { aborted, reason }: AbortSignal): number {
  const say = (text: string): boolean => process.stderr.write(`${text}\n`);
  if (error instanceof ScenarioError || error instanceof EndpointError || error instanceof FileError) {
    say(error.message);
    return EXIT.badScenario;
  }
  if (aborted) {
    say(`${reason}: ended before anything was measured`);
    return EXIT.signal;
  }
  if (error instanceof ServerUnusable) {
    say(`${error.message}\n${error.remedy}`);
    return EXIT.serverUnusable;
  }
  say(`ttlscope failed: ${formatWithOptions({}, error)}`);
  return EXIT.failed;
}

/** The first signal cuts off, reconciles and cleans up; the second leaves at once. */
function listenForSignals(interrupt: AbortController, allowConfig: boolean, note: (line: string) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) {
      const settings = allowConfig ? '; settings that were changed are put back by: ttlscope restore' : '';
      note(`${signal}: leaving without a result; keys that are left end by their TTL${settings}`);
      process.exit(EXIT.signal);
    }
    note(`${signal}: cutting off; once more to leave at once`);
    interrupt.abort(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

function defaultOutDir(name: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z');
  const safe = name.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^[.-]+/, '');
  return `ttlscope-results/${safe}-${stamp}`;
}
