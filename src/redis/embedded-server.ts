import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Endpoint } from './endpoint.ts';
import { ServerUnusable } from './server-unusable.ts';
import { openSocket } from './socket.ts';

const BINARIES = ['redis-server', 'valkey-server'] as const;
const START_LIMIT_MS = 10_000;
const POLL_MS = 10;
const PORT_ATTEMPTS = 5;

/**
 * Runs the server ($2 …) and removes its directory ($1) when it has ended. It ends the server when its own standard
 * input closes, which it does when the harness ends, however that happens. The first line that it prints is the
 * server's pid, the last are the end of its log.
 */
const GUARDIAN = `
dir=$1; shift
exec 3<&0
"$@" >"$dir/log" 2>&1 3<&- </dev/null &
pid=$!
echo $pid
(
  cat <&3 >/dev/null
  kill -TERM $pid 2>/dev/null
  tries=0
  while kill -0 $pid 2>/dev/null && [ $tries -lt 30 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -KILL $pid 2>/dev/null
) >/dev/null 2>&1 &
wait $pid
tail -n 8 "$dir/log"
rm -rf "$dir"
`;

export interface EmbeddedServer {
  endpoint: Endpoint;
  pid: number;
  binary: string;
  directory: string;
  /** Resolves when the server has ended, whoever ended it. */
  exited: Promise<{ reason: string }>;
  /** Ends the server and removes its directory. */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** (Default: redis-server or valkey-server from PATH) */
  binary?: string;
  /** As in redis.conf. (Default: no persistence) */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Starts a server of our own: on a free loopback port, in a temporary directory, out of reach of the terminal's Ctrl-C,
 * without persistence unless the settings ask for it.
 *
 * @throws {ServerUnusable} when there is no binary, or the server does not start: with its own words
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const binary = options.binary ?? findBinary();
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(binary, options.settings ?? {});
    } catch (error) {
      const taken = /Address already in use/.test((error as Error).message);
      if (!taken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function findBinary(): string {
  for (const name of BINARIES) {
    for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {}
    }
  }
  throw new ServerUnusable(
    `neither ${BINARIES.join(' nor ')} is on PATH`,
    'install one (Debian: apt-get install redis-server), name one with --redis-server, or use a server with --redis',
  );
}

async function start(binary: string, settings: Readonly<Record<string, string>>): Promise<EmbeddedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'ttlscope-'));
  const port = await freePort();
  const config = {
    port: String(port),
    bind: '127.0.0.1',
    dir: `"${directory}"`,
    save: '""',
    appendonly: 'no',
    ...settings,
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} ${value === '' ? '""' : value}\n`);
  const configPath = join(directory, 'redis.conf');
  await writeFile(configPath, lines.join(''));
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'ttlscope-guardian', directory, binary, configPath], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const output = collect(guardian);
  const exited = new Promise<{ reason: string }>((resolve) => {
    guardian.once('error', (error) => resolve({ reason: error.message }));
    guardian.once('close', (code) => {
      const said = output.text.split('\n').slice(1).join('\n').trim();
      resolve({ reason: `the server ended${said === '' ? ` (exit code ${code})` : `; it said last:\n${said}`}` });
    });
  });
  const stop = async (): Promise<void> => {
    guardian.stdin!.end();
    await exited;
    await rm(directory, { recursive: true, force: true });
  };
  const endpoint: Endpoint = { host: '127.0.0.1', port, tls: false, db: 0 };
  try {
    await answering(endpoint, exited);
  } catch (error) {
    await stop();
    throw new ServerUnusable(
      `${binary} did not start: ${(error as Error).message}`,
      'correct the settings under `server`, or the binary',
    );
  }
  return { endpoint, pid: Number(output.text.split('\n', 1)[0]), binary, directory, exited, stop };
}

function collect(child: ChildProcess): { text: string } {
  const output = { text: '' };
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    output.text += chunk;
  });
  child.stdin!.on('error', () => {});
  return output;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

async function answering(endpoint: Endpoint, exited: Promise<{ reason: string }>): Promise<void> {
  let ended: string | null = null;
  void exited.then(({ reason }) => {
    ended = reason;
  });
  const until = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      (await openSocket(endpoint, { connectTimeoutMs: 1000 })).destroy();
      return;
    } catch (error) {
      if (ended !== null) throw new Error(ended);
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
