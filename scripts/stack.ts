/**
 * The services of docker-compose.yml without Docker: Redis or Valkey, redis_exporter, Prometheus and Grafana from PATH, with the
 * same configuration files, then a run of a scenario.
 *
 *     npm run stack -- [SCENARIO [OPTION of ttlscope run]…]
 *     PROMETHEUS_PORT=9091 npm run stack -- scenarios/eviction.yml --set duration=60s
 *
 *     check scenario, programs, ports ──► start parts ──► run ──► stay until a signal ──► end all, last first
 *              │                              │            │
 *              └─ says what is wrong          └─ a part that does not start, or ends: its last words, and all are ended
 *
 * The first signal goes to the run, which then cuts off and cleans up; a second one as well, at which it leaves at once. Parts
 * are ended when it has. The exit code is the run's, 1 where the stack itself failed, 105 where a signal came before the run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../src/commands/exit-codes.ts';
import { ServerUnusable } from '../src/redis/server-unusable.ts';
import { loadScenario, ScenarioError } from '../src/scenario/load.ts';
import { Child } from './stack/child.ts';
import { StackFailure } from './stack/failure.ts';
import { checkFree, HOST, type Part, type Ports, readPorts } from './stack/ports.ts';
import { findPrograms, tellMissing } from './stack/programs.ts';
import { startParts } from './stack/start-parts.ts';

const BIN = fileURLToPath(new URL('../bin/ttlscope', import.meta.url));
/** npm passes on the Ctrl-C that the terminal has sent us already. */
const SAME_SIGNAL_MS = 200;

const say = (line: string): void => void process.stderr.write(`stack: ${line}\n`);

const [scenario = process.env.SCENARIO ?? 'scenarios/quickstart.yml', ...runOptions] = process.argv.slice(2);
const children: Child[] = [];
let running: Child | null = null;

const interrupt = new AbortController();
let lastSignalMs = Number.NEGATIVE_INFINITY;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    const sinceMs = performance.now() - lastSignalMs;
    lastSignalMs = performance.now();
    if (sinceMs < SAME_SIGNAL_MS) return;
    running?.kill(signal);
    if (!interrupt.signal.aborted) interrupt.abort(signal);
  });
}
const interrupted = new Promise<void>((resolve) => interrupt.signal.addEventListener('abort', () => resolve()));

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-stack-'));
try {
  process.exitCode = await showRun();
} catch (error) {
  process.exitCode = interrupt.signal.aborted ? EXIT.signal : EXIT.failed;
  if (error instanceof ServerUnusable) say(`${error.message}\n${error.remedy}`);
  else if (error instanceof StackFailure) say(error.message);
  else if (error instanceof ScenarioError) {
    process.exitCode = EXIT.badScenario;
    say(error.message);
  } else if (!interrupt.signal.aborted) throw error;
} finally {
  for (const child of [running, ...children.reverse()]) await child?.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Returns the run's exit code, when a signal has come. @throws when the stack does not start, or loses a part */
async function showRun(): Promise<number> {
  await loadScenario(scenario, {});
  const ports = readPorts(process.env);
  const programs = findPrograms();
  const parts: Part[] = [
    'redis',
    ...(programs.exporter === null ? [] : (['exporter'] as const)),
    'prometheus',
    ...(programs.grafana === null ? [] : (['grafana'] as const)),
    'metrics',
  ];
  await checkFree(parts, ports);
  for (const line of tellMissing(programs)) say(line);
  const onChild = (child: Child): void => void children.push(child);
  await startParts({ programs, ports, directory, signal: interrupt.signal, onChild });
  // That of the metrics is told by the run.
  for (const part of parts.filter((part) => part !== 'metrics')) say(`${part.padEnd(10)}  ${addressOf(part, ports)}`);

  running = await Child.start('ttlscope', { command: process.execPath, args: [BIN, ...runArguments(ports)] });
  if (interrupt.signal.aborted) running.kill('SIGTERM');
  const lost = Promise.race(children.map((child) => child.lost()));
  const code = await Promise.race([running.ended, lost]);
  running = null;
  if (code === EXIT.badScenario) return code;
  if (!interrupt.signal.aborted)
    say('the run is over; its metrics stay in Prometheus until a signal (Ctrl-C) ends the stack');
  await Promise.race([interrupted, lost]);
  return typeof code === 'number' ? code : EXIT.signal;
}

function addressOf(part: Part, ports: Ports): string {
  const path = part === 'exporter' ? '/metrics' : '';
  return `${part === 'redis' ? 'redis' : 'http'}://${HOST}:${ports[part]}${path}`;
}

/** As in docker-compose.yml, and the live page with it: the server is the stack's own, so that its settings may be changed. */
function runArguments({ redis, metrics }: Ports): string[] {
  const served = ['--ui', `--metrics=${HOST}:${metrics}`, `--metrics-linger=${process.env.LINGER ?? '30s'}`];
  return ['run', scenario, `--redis=redis://${HOST}:${redis}`, '--allow-config', ...served, ...runOptions];
}
