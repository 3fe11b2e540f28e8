import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Endpoint } from './endpoint.ts';
import { parseInfo } from './info.ts';
import { encodeCommand, type Reply, ReplyError, ReplyParser } from './resp.ts';
import { findServerBinary } from './server-binary.ts';
import { ServerUnusable } from './server-unusable.ts';
import { openSocket } from './socket.ts';

const START_LIMIT_MS = 10_000;
const ANSWER_LIMIT_MS = 1_000;
const POLL_MS = 10;
const PORT_ATTEMPTS = 5;
const LOG_LINES = 8;

/**
 * Runs the server ($2 …) and removes its directory ($1) when it has ended. It ends the server when its standard input
 * closes, which it does when the harness ends, however that happens. Its last act is to kill its own process group: the
 * watch on its input, and whatever a launcher has left running. It prints the server's exit status and its log's end.
 */
const GUARDIAN = `
trap '' PIPE
dir=$1; shift
exec 3<&0
"$@" >"$dir/log" 2>&1 3<&- </dev/null &
server=$!
{ cat <&3; kill -KILL $server; } >/dev/null 2>&1 &
wait $server
echo $?
tail -n ${LOG_LINES} "$dir/log"
rm -rf "$dir"
kill -KILL 0
`;

type Guardian = ChildProcessByStdio<Writable, Readable, null>;

export interface EmbeddedServer {
  endpoint: Endpoint;
  pid: number;
  /** The path that was run. */
  binary: string;
  /** Holds its configuration, its log and whatever it writes. */
  directory: string;
  /** Resolves when the server has ended, whoever ended it. */
  exited: Promise<{ reason: string }>;
  /** Ends the server and removes its directory. Idempotent. */
  stop(): Promise<void>;
}

export interface EmbeddedServerOptions {
  /** A path, or a name on PATH. (Default: redis-server, else valkey-server, from PATH) */
  binary?: string;
  /** As in redis.conf; `port`, `bind` and `dir` are its own, and it has no password. (Default: no persistence) */
  settings?: Readonly<Record<string, string>>;
  /** Gives up starting. */
  signal?: AbortSignal;
}

/**
 * Starts a server of our own: on a free loopback port, in a temporary directory, out of reach of the terminal's Ctrl-C,
 * without persistence unless the settings ask for it. It is gone when this process is, also after SIGKILL.
 *
 * @throws {ServerUnusable} when there is no binary, or the server does not start: with its own words
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const { settings = {}, signal } = options;
  const binary = findServerBinary(options.binary);
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const server = await launch(binary, settings);
    try {
      return { ...server, pid: await answering(server, signal) };
    } catch (error) {
      await server.stop();
      signal?.throwIfAborted();
      const { message } = error as Error;
      if (!/Address already in use/.test(message) || attempt === PORT_ATTEMPTS) throw explain(binary, message);
    }
  }
}

async function launch(
  binary: string,
  settings: Readonly<Record<string, string>>,
): Promise<Omit<EmbeddedServer, 'pid'>> {
  const port = await freePort();
  const directory = await makeDirectory({
    save: '',
    appendonly: 'no',
    ...settings,
    port: `${port}`,
    bind: '127.0.0.1',
  });
  const guardian = spawn('/bin/sh', ['-c', GUARDIAN, 'ttlscope-guardian', directory, binary, configPath(directory)], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  guardian.stdin.on('error', () => {});
  const exited = lastWords(guardian, binary);
  return {
    endpoint: { host: '127.0.0.1', port, tls: false, db: 0 },
    binary,
    directory,
    exited,
    async stop() {
      guardian.stdin.end();
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function configPath(directory: string): string {
  return join(directory, 'redis.conf');
}

async function makeDirectory(settings: Readonly<Record<string, string>>): Promise<string> {
  let directory: string | null = null;
  try {
    directory = await mkdtemp(join(tmpdir(), 'ttlscope-'));
    const config = { ...settings, dir: `"${directory.replaceAll(/["\\]/g, '\\$&')}"` };
    const lines = Object.entries(config).map(([name, value]) => `${name} ${value === '' ? '""' : value}\n`);
    await writeFile(configPath(directory), lines.join(''));
    return directory;
  } catch (error) {
    if (directory !== null) await rm(directory, { recursive: true, force: true });
    throw new ServerUnusable(
      `there is no temporary directory for the embedded server: ${(error as Error).message}`,
      'make room there, or let TMPDIR name another directory',
    );
  }
}

async function lastWords(guardian: Guardian, binary: string): Promise<{ reason: string }> {
  let output = '';
  guardian.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const failure = await new Promise<Error | null>((resolve) => {
    guardian.once('error', resolve);
    guardian.once('close', () => resolve(null));
  });
  guardian.stdin.end();
  if (failure) return { reason: `${binary} could not be started: ${failure.message}` };
  const [status = '', ...log] = output.trimEnd().split('\n');
  if (status === '') return { reason: `the guardian of ${binary} was killed, and the server with it` };
  const how = Number(status) > 128 ? `by signal ${Number(status) - 128}` : `with exit code ${status}`;
  return { reason: [`${binary} ended ${how}${log.length > 0 ? '; it said last:' : ''}`, ...log].join('\n') };
}

/** A server's own words about a setting that it refuses, else all that it said. */
function explain(binary: string, message: string): ServerUnusable {
  const [, setting, reason] = />>> '(.+)'\n(.+)/.exec(message) ?? [];
  if (setting === undefined) {
    return new ServerUnusable(`${binary} did not start: ${message}`, 'is it a redis-server or valkey-server?');
  }
  return new ServerUnusable(
    `server.${setting.split(' ')[0]}: ${binary} refuses the setting "${setting}": ${reason!.replace(/^\S+ .* # /, '')}`,
    'correct it under `server` in the scenario, or in --server',
  );
}

/** A port that nobody listens on now; who takes it first has it. */
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

/** Waits until the server that was started answers, and no other one that took its port first. Resolves with its pid. */
async function answering(server: Omit<EmbeddedServer, 'pid'>, signal: AbortSignal | undefined): Promise<number> {
  const { endpoint, directory } = server;
  let ended: string | null = null;
  void server.exited.then(({ reason }) => {
    ended = reason;
  });
  const until = performance.now() + START_LIMIT_MS;
  for (;;) {
    let failure = 'another server has its port';
    try {
      const info = parseInfo(await askInfo(endpoint));
      if (info.get('config_file') === configPath(directory)) return Number(info.get('process_id'));
    } catch (error) {
      failure = (error as Error).message;
    }
    signal?.throwIfAborted();
    if (ended !== null) throw new Error(ended);
    if (performance.now() > until) {
      const log = await readFile(join(directory, 'log'), 'utf8');
      const last = log.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
      throw new Error(`no answer within ${START_LIMIT_MS / 1000} s (${failure}); it said last:\n${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function askInfo(endpoint: Endpoint): Promise<string> {
  const socket = await openSocket(endpoint, { connectTimeoutMs: ANSWER_LIMIT_MS });
  try {
    return await new Promise((resolve, reject) => {
      const parser = new ReplyParser((reply: Reply) => {
        if (reply instanceof ReplyError) reject(reply);
        else resolve(String(reply));
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the server closed the connection')));
      socket.on('data', (chunk: Buffer) => parser.push(chunk));
      socket.resume();
      socket.write(encodeCommand(['INFO', 'server']));
    });
  } finally {
    socket.destroy();
  }
}
