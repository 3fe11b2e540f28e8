import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { connect } from '../../src/redis/connect.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { parseInfo } from '../../src/redis/info.ts';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import { skipUnless } from '../skip.ts';
import { groupOf, membersOf, until } from './process-group.ts';

const onLinux = skipUnless(test, process.platform === 'linux', 'processes are looked up in /proc');

interface Harness {
  process: ChildProcess;
  lines: Interface;
  pid: number;
  directory: string;
}

async function startHarness(): Promise<Harness> {
  const path = fileURLToPath(new URL('./embedded-harness.ts', import.meta.url));
  const harness = spawn(process.execPath, ['--import', 'tsx', path], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(harness.stdout!);
  const [line] = (await once(lines, 'line')) as [string];
  return { process: harness, lines, ...(JSON.parse(line) as { pid: number; directory: string }) };
}

onLinux('a harness that is killed by SIGKILL leaves neither server nor guardian nor directory', async () => {
  const harness = await startHarness();
  const group = groupOf(harness.pid)!;
  assert.ok(membersOf(group).length >= 2, 'the server and its guardian are one group');
  harness.process.kill('SIGKILL');
  await until('the server has ended', () => groupOf(harness.pid) === null);
  await until('its directory is gone', () => !existsSync(harness.directory));
  await until('its guardian has ended', () => membersOf(group).length === 0);
});

onLinux("a Ctrl-C in the harness's terminal reaches the harness and not the server", async () => {
  const harness = await startHarness();
  assert.is.not(groupOf(harness.pid), groupOf(harness.process.pid!));
  const answer = once(harness.lines, 'line');
  process.kill(-harness.process.pid!, 'SIGINT');
  assert.equal(await answer, [String(harness.pid)]);
  harness.process.kill('SIGKILL');
  await until('its directory is gone', () => !existsSync(harness.directory));
});

onLinux('the guardian of a server that was killed goes with it, while the harness goes on', async () => {
  const server = await startEmbeddedServer();
  const group = groupOf(server.pid)!;
  process.kill(server.pid, 'SIGKILL');
  await server.exited;
  await until('its guardian has ended', () => membersOf(group).length === 0);
});

onLinux('stop leaves nothing of the group', async () => {
  const server = await startEmbeddedServer();
  const group = groupOf(server.pid)!;
  await server.stop();
  await until('all of the group have ended', () => membersOf(group).length === 0);
});

onLinux('a launcher that stays beside its server is ended with it; the pid is that of the server', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
  const binary = join(directory, 'launcher');
  writeFileSync(binary, `#!/bin/sh\n'${findServerBinary()}' "$@"\nexit 1\n`, { mode: 0o755 });
  const server = await startEmbeddedServer({ binary });
  const group = groupOf(server.pid)!;
  const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
  assert.is(parseInfo(await redis.info('server')).get('process_id'), String(server.pid));
  redis.disconnect();
  await server.stop();
  await until('the launcher and the server have ended', () => membersOf(group).length === 0);
  rmSync(directory, { recursive: true });
});

onLinux('a server that does not answer because it is stopped can be ended', async () => {
  const server = await startEmbeddedServer();
  process.kill(server.pid, 'SIGSTOP');
  await server.stop();
  assert.is(groupOf(server.pid), null);
});

onLinux('a guardian that was killed takes the server with it, and leaves no directory', async () => {
  const server = await startEmbeddedServer();
  process.kill(groupOf(server.pid)!, 'SIGKILL');
  const { reason } = await server.exited;
  assert.match(reason, 'the guardian');
  await server.stop();
  await until('the server has ended', () => groupOf(server.pid) === null);
  assert.not(existsSync(server.directory));
});

test.run();
