import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { connect } from '../../src/redis/connect.ts';
import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from '../../src/redis/embedded-server.ts';
import { parseInfo } from '../../src/redis/info.ts';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
/** Where the servers' directories are made: empty again after each test. */
const temporary = join(scratch, 'it\'s a "temporary" directory');
mkdirSync(temporary);
process.env.TMPDIR = temporary;

test.after.each(() => assert.equal(readdirSync(temporary), []));

function launcher(name: string, script: string): string {
  const path = join(scratch, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

async function withServer(
  options: EmbeddedServerOptions,
  use: (server: EmbeddedServer, ask: (...command: string[]) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const server = await startEmbeddedServer(options);
  try {
    const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
    await use(server, (command, ...args) => redis.call(command!, ...args));
    redis.disconnect();
  } finally {
    await server.stop();
  }
}

async function failure(options: EmbeddedServerOptions): Promise<ServerUnusable> {
  try {
    const server = await startEmbeddedServer(options);
    await server.stop();
  } catch (error) {
    assert.instance(error, ServerUnusable);
    return error as ServerUnusable;
  }
  throw new Error('it started');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('the settings are applied, those of several words and empty ones too', async () => {
  const settings = {
    hz: '37',
    'maxmemory-policy': 'volatile-ttl',
    maxmemory: '12mb',
    'client-output-buffer-limit': 'pubsub 4mb 1mb 30',
    'notify-keyspace-events': '',
    save: '3600 1',
  };
  await withServer({ settings }, async (_server, ask) => {
    const get = async (name: string) => ((await ask('CONFIG', 'GET', name)) as string[])[1];
    assert.is(await get('hz'), '37');
    assert.is(await get('maxmemory-policy'), 'volatile-ttl');
    assert.is(await get('maxmemory'), String(12 * 1024 * 1024));
    assert.match((await get('client-output-buffer-limit'))!, 'pubsub 4194304 1048576 30');
    assert.is(await get('notify-keyspace-events'), '');
    assert.is(await get('save'), '3600 1');
  });
});

test('it listens on loopback only, in a directory of its own, without persistence; its pid is the server’s', async () => {
  await withServer({}, async ({ endpoint, directory, pid, binary }, ask) => {
    const get = async (name: string) => ((await ask('CONFIG', 'GET', name)) as string[])[1];
    const info = parseInfo(String(await ask('INFO', 'server')));
    assert.is(await get('bind'), '127.0.0.1');
    assert.is(await get('port'), String(endpoint.port));
    assert.is(await get('dir'), directory);
    assert.is(await get('save'), '');
    assert.is(await get('appendonly'), 'no');
    assert.is(info.get('process_id'), String(pid));
    assert.is(binary, findServerBinary());
    assert.equal(readdirSync(temporary), [directory.slice(temporary.length + 1)]);
  });
});

test('stop ends the process and removes the directory, also when it is called twice', async () => {
  const server = await startEmbeddedServer();
  assert.ok(isAlive(server.pid));
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  assert.not(isAlive(server.pid));
  assert.not(existsSync(server.directory));
});

test('a server that was killed tells so, with the last lines of its log, and leaves no directory', async () => {
  const server = await startEmbeddedServer();
  process.kill(server.pid, 'SIGKILL');
  const { reason } = await server.exited;
  assert.match(reason, 'ended by signal 9');
  assert.match(reason, 'Ready to accept connections');
  assert.not(existsSync(server.directory));
  await server.stop();
});

test('a server that ends by itself tells its exit code', async () => {
  const server = await startEmbeddedServer();
  const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
  await redis.call('SHUTDOWN', 'NOSAVE').catch(() => {});
  const { reason } = await server.exited;
  assert.match(reason, 'ended with exit code 0');
  assert.match(reason, 'bye bye');
});

for (const [name, value] of [
  ['hzz', '10'],
  ['maxmemory-policy', 'volatile-oldest'],
  ['active-expire-effort', '11'],
] as const) {
  test(`a setting that the server refuses is named, with the server's own words: ${name} ${value}`, async () => {
    const words: Record<string, RegExp> = {
      hzz: /Bad directive|Unresolved|Module Configuration/,
      'maxmemory-policy': /one of the following: .*volatile-ttl/,
      'active-expire-effort': /between 1 and 10/,
    };
    const { message, remedy } = await failure({ settings: { hz: '20', [name]: value } });
    assert.match(message, `refuses the setting "${name} ${value}"`);
    assert.match(message, words[name]!);
    assert.match(remedy, 'under `server`');
  });
}

test('a launcher in a path with spaces runs as the server does', async () => {
  mkdirSync(join(scratch, 'my servers'), { recursive: true });
  const binary = launcher("my servers/bob's redis", `exec '${findServerBinary()}' "$@"`);
  await withServer({ binary }, async (server, ask) => {
    assert.is(server.binary, binary);
    assert.is(parseInfo(String(await ask('INFO', 'server'))).get('process_id'), String(server.pid));
  });
});

test('a name without a slash is looked for on PATH', async () => {
  const [, directory, name] = /^(.*)\/([^/]+)$/.exec(findServerBinary())!;
  await withServer({ binary: name! }, async ({ binary }) => assert.is(binary, join(directory!, name!)));
});

test('what is no program is refused by its name', async () => {
  const plain = launcher('not-executable', 'exit 0');
  chmodSync(plain, 0o644);
  for (const binary of [join(scratch, 'nowhere'), scratch, plain]) {
    const { message, remedy } = await failure({ binary });
    assert.is(message, `${binary} is not a program that can be run`);
    assert.match(remedy, '--redis-server');
  }
  assert.match((await failure({ binary: 'no-such-server' })).message, 'no-such-server is not on PATH');
});

test('without a server on PATH it says what to install', async () => {
  const { PATH } = process.env;
  process.env.PATH = scratch;
  try {
    const { message, remedy } = await failure({});
    assert.is(message, 'neither redis-server nor valkey-server is on PATH');
    assert.match(remedy, 'apt-get install redis-server');
  } finally {
    process.env.PATH = PATH;
  }
});

test('a program that is no server is refused with what it printed', async () => {
  const { message } = await failure({ binary: launcher('usage', 'echo "usage: me FILE" >&2; exit 3') });
  assert.match(message, 'ended with exit code 3');
  assert.match(message, 'usage: me FILE');
});

test('a port that was taken meanwhile is left to who has it, and another one tried', async () => {
  const once = join(scratch, 'once');
  const binary = launcher(
    'collides-once',
    `real='${findServerBinary()}'
     if [ ! -e '${once}' ]; then
       port=$(sed -n 's/^port //p' "$1")
       "$real" --port "$port" --dir '${scratch}' --save '' >'${once}' &
       until grep -q Ready '${once}'; do sleep 0.01; done
     fi
     exec "$real" "$@"`,
  );
  await withServer({ binary }, async (server, ask) => {
    const info = parseInfo(String(await ask('INFO', 'server')));
    assert.is(info.get('config_file'), join(server.directory, 'redis.conf'));
  });
  assert.ok(existsSync(once));
});

test('it can be told to give up starting', async () => {
  const binary = launcher('never-listens', 'exec sleep 60');
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 50);
  try {
    await startEmbeddedServer({ binary, signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'enough');
  }
});

test.run();
