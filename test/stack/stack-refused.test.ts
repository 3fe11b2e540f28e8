/** `npm run stack` where it cannot start, or may not go on: it says why, and nothing of it is left. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import { skipUnless } from '../skip.ts';
import { prometheusPath } from '../support/prometheus.ts';
import { allEnded, descendantsOf, endStacks, startStack, until } from './stack-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-stack-'));
test.after(() => {
  endStacks();
  rmSync(directory, { recursive: true, force: true });
});

/** A directory for PATH that has programs of these names, and nothing else. */
function pathOf(name: string, programs: Record<string, string>): string {
  const path = join(directory, name);
  mkdirSync(path, { recursive: true });
  for (const [program, text] of Object.entries(programs)) {
    const file = join(path, program);
    if (text.startsWith('/')) symlinkSync(text, file);
    else writeFileSync(file, text, { mode: 0o755 });
  }
  return path;
}

const long = ['scenarios/quickstart.yml', '--set', 'duration=60s'];
const withPrometheus = skipUnless(test, prometheusPath !== undefined, 'prometheus is missing');

withPrometheus('a signal while parts start ends those that have', async () => {
  const stack = await startStack(long);
  const isThere = async () =>
    [...descendantsOf(stack.child.pid!).values()].some((command) => /prometheus --/.test(command));
  await until(isThere, Boolean);
  const started = descendantsOf(stack.child.pid!);
  stack.child.kill('SIGTERM');
  assert.is(await stack.ended, 105);
  await allEnded(started);
});

withPrometheus('a port in use is told of before anything starts, with the way to another', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const stack = await startStack(long, { env: { PROMETHEUS_PORT: String(port) } });
  assert.is(await stack.ended, 1);
  assert.is(
    stack.text(),
    `stack: 127.0.0.1:${port} for prometheus: it is in use; PROMETHEUS_PORT=N takes another port\n`,
  );
  server.close();
});

test('what is missing is told; a part that does not start ends the others, with its last words', async () => {
  const path = pathOf('without', {
    'redis-server': findServerBinary(),
    prometheus: `#!${process.execPath}\nconsole.error('opening storage failed'); process.exitCode = 3;`,
  });
  const temporary = join(directory, 'temporary');
  mkdirSync(temporary);
  const stack = await startStack(long, { env: { PATH: path, TMPDIR: temporary } });
  assert.is(await stack.ended, 1);
  assert.match(stack.text(), /redis_exporter is not on PATH: .*\n.*grafana is not on PATH: no dashboards/);
  assert.match(stack.text(), 'prometheus ended (3); it said last:\nopening storage failed');
  await assertRefused(stack.ports.REDIS_PORT);
  assert.equal(
    readdirSync(temporary).filter((name) => name.startsWith('ttlscope-')),
    [],
  );
});

test('a scenario that is not there is told of before anything starts', async () => {
  const stack = await startStack(['scenarios/none.yml']);
  assert.is(await stack.ended, 104);
  assert.match(stack.text(), /^stack: .*none\.yml/);
});

test('without Prometheus nothing starts', async () => {
  const stack = await startStack(long, { env: { PATH: pathOf('bare', { 'redis-server': findServerBinary() }) } });
  assert.is(await stack.ended, 1);
  assert.match(stack.text(), /^stack: prometheus is not on PATH; install it/);
});

async function assertRefused(port: number): Promise<void> {
  const [error] = await once(net.connect(port, '127.0.0.1'), 'error');
  assert.is((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
}

test.run();
