import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onPath } from './on-path.ts';
import { freePort } from './redis.ts';

export const prometheusPath = onPath('prometheus');
export const promtoolPath = onPath('promtool');

/** One series of a query's answer. */
export interface QueriedSeries {
  metric: Record<string, string>;
  /** Unix s and value of an instant; of a range in `values`. */
  value?: [number, string];
  values?: [number, string][];
}

export interface TestPrometheus {
  url: string;
  /** @throws {Error} with what the API says against it */
  api(path: string, parameters: Readonly<Record<string, string | readonly string[]>>): Promise<unknown>;
  query(expression: string, atSeconds?: number): Promise<QueriedSeries[]>;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

/**
 * A Prometheus on a port of 127.0.0.1, gone with this process at the latest.
 *
 * @param config prometheus.yml
 * @param data directory of its blocks (Default: one of its own, gone with it)
 */
export async function startPrometheus(config = '', data?: string): Promise<TestPrometheus> {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-prometheus-'));
  const file = join(directory, 'prometheus.yml');
  writeFileSync(file, config);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    prometheusPath!,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${data ?? join(directory, 'data')}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  running.add(server);
  const exited = once(server, 'exit').then(() => running.delete(server));
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Prometheus ended with ${code}:\n${log.join('\n')}`)));
    createInterface(server.stderr!).on('line', (line) => {
      log.push(line);
      if (line.includes('Server is ready to receive web requests')) resolve();
    });
  });
  const api: TestPrometheus['api'] = async (path, parameters) => {
    const body = new URLSearchParams();
    for (const [name, values] of Object.entries(parameters)) {
      for (const value of [values].flat()) body.append(name, value as string);
    }
    const answer = await fetch(`${url}/api/v1/${path}?${body}`);
    const { status, data: found, error } = (await answer.json()) as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new Error(error);
    return found;
  };
  return {
    url,
    api,
    async query(expression, atSeconds) {
      const at = atSeconds === undefined ? {} : { time: String(atSeconds) };
      return ((await api('query', { query: expression, ...at })) as { result: QueriedSeries[] }).result;
    },
    async stop() {
      server.kill();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
