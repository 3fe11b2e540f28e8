import { resolve } from 'node:path';
import { formatWithOptions } from 'node:util';
import { EndpointError } from '../redis/endpoint.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { renderHgrm } from '../report/hgrm.ts';
import { Progress } from '../report/progress.ts';
import { prepareOutDir, writeResult } from '../report/result-files.ts';
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
  seed?: number;
  json?: boolean;
  quiet?: boolean;
  sessions?: string;
  redisServer?: string;
}

/** `ttlscope run`: one scenario, one result. Returns the exit code. */
export async function runCommand(path: string, options: RunCommandOptions): Promise<number> {
  const progress = new Progress(process.stderr, { quiet: options.quiet ?? false });
  const interrupt = new AbortController();
  const stopListening = listenForSignals(interrupt, (line) => progress.note(line));
  try {
    const { set, seed } = options;
    const scenario = await loadScenario(path, { set, ...(seed !== undefined && { seed }) });
    const outDir = resolve(options.out ?? defaultOutDir(scenario.name));
    await prepareOutDir(outDir);
    const sessions = options.sessions === undefined ? null : await SessionsCsv.open(options.sessions);
    const result = await run(scenario, {
      ...(options.redis !== undefined && { redis: options.redis }),
      ...(options.redisServer !== undefined && { redisServer: options.redisServer }),
      ...(sessions && { onLife: (life) => sessions.row(life) }),
      signal: interrupt.signal,
      onProgress: (status) => progress.update(status),
      onNote: (line) => progress.note(line),
    }).finally(() => sessions?.close());
    progress.end();
    const written = await writeResult(outDir, result, renderHgrm(result));
    print(result, options, written);
    return exitCode(result);
  } catch (error) {
    progress.end();
    return tell(error);
  } finally {
    stopListening();
  }
}

function print(result: Result, options: RunCommandOptions, written: string): void {
  if (options.json) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const colour = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(`${renderSummary(result, { colour })}\n\nresult: ${written}\n`);
}

/** What a shell learns of a result. */
export function exitCode({ verdict, thresholds }: Result): number {
  if (verdict.state === 'aborted') return EXIT.signal;
  if (verdict.state === 'invalid') return EXIT.invalidMeasurement;
  return thresholds.every(({ ok }) => ok) ? EXIT.good : EXIT.thresholdFailed;
}

function tell(error: unknown): number {
  if (error instanceof ScenarioError || error instanceof EndpointError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.badScenario;
  }
  if (error instanceof ServerUnusable) {
    process.stderr.write(`${error.message}\n${error.remedy}\n`);
    return EXIT.serverUnusable;
  }
  process.stderr.write(`${error instanceof Error ? error.message : formatWithOptions({}, error)}\n`);
  return EXIT.badScenario;
}

/** The first signal cuts off, reconciles and cleans up; the second leaves at once. */
function listenForSignals(interrupt: AbortController, note: (line: string) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (interrupt.signal.aborted) process.exit(EXIT.signal);
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
  return `ttlscope-results/${name}-${stamp}`;
}
