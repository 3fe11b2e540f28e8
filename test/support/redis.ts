import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { findServerBinary } from '../../src/redis/server-binary.ts';

export interface TestRedis {
  /** By TCP, database 0, the default user without a password. */
  endpoint: Endpoint;
  /** Its Unix socket. */
  path: string;
  pid: number;
  directory: string;
  /** A client of the default user, closed with the server. */
  client(options?: { db?: number; password?: string }): Redis;
  /** Ends the server, keeps the directory. Idempotent. */
  stop(): Promise<void>;
}

const servers = new Set<ChildProcess>();
const directories = new Set<string>();
process.on('exit', () => {
  for (const server of servers) server.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A plain server for a test, `args` as on its command line. It is gone with this process at the latest. */
export async function startRedis(args: readonly string[] = [], port?: number): Promise<TestRedis> {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
  directories.add(directory);
  const path = join(directory, 'redis.sock');
  const listening = port ?? (await freePort());
  const plain = ['--port', String(listening), '--bind', '127.0.0.1', '--unixsocket', path, '--dir', directory];
  const server = spawn(findServerBinary(), [...plain, '--save', '', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  servers.add(server);
  const exited = once(server, 'exit').then(() => servers.delete(server));
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${log.join('\n')}`)));
    createInterface(server.stdout!).on('line', (line) => {
      log.push(line);
      if (line.includes('Ready to accept connections')) resolve();
    });
  });
  const clients: Redis[] = [];
  return {
    endpoint: { host: '127.0.0.1', port: listening, tls: false, db: 0 },
    path,
    pid: server.pid!,
    directory,
    client(options = {}) {
      const client = new Redis({ path, retryStrategy: () => null, ...options });
      client.on('error', () => {});
      clients.push(client);
      return client;
    },
    async stop() {
      for (const client of clients.splice(0)) client.disconnect();
      server.kill('SIGKILL');
      await exited;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
