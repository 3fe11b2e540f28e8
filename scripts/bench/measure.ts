import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import type { Figures, Measurement } from './child.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));

/** One measurement in a process of its own. */
export async function inChild(name: Measurement, options: object): Promise<Figures> {
  const args = ['--import', 'tsx', CHILD, name, JSON.stringify(options)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Figures;
}

/** With a fresh, empty server, which sends `expired` events. */
export async function withServer<T>(
  settings: Record<string, string>,
  use: (endpoint: Endpoint & { port: number }) => Promise<T>,
): Promise<T> {
  const server = await startEmbeddedServer({ settings: { ...settings, 'notify-keyspace-events': 'Ex' } });
  try {
    return await use(server.endpoint as Endpoint & { port: number });
  } finally {
    await server.stop();
  }
}
