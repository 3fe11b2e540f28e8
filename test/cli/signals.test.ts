import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resultSchema } from '../../src/result/schema.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { out, path } from './short.ts';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > limit) throw new Error('it did not come about within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('Ctrl-C cuts off, accounts for every session, leaves the server as it was: 105', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const client = server.client();
    await client.set('theirs', '1');
    await client.set('theirs too', '1', 'EX', 1000);
    const args = ['run', path, '--redis', `redis://127.0.0.1:${server.endpoint.port}`, '--out', out('int')];
    const run = startCli([...args, '--set', 'duration=60s']);
    await run.said(/measure/);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    assert.is(code, 105);
    assert.match(stdout, /ABORTED/);
    const result = resultSchema.parse(JSON.parse(readFileSync(join(out('int'), 'result.json'), 'utf8')));
    assertLaw(result);
    assert.is(result.verdict.state, 'aborted');
    assert.is(result.totals.attempted, 250);
    assert.equal((await client.keys('*')).sort(), ['theirs', 'theirs too']);
    assert.ok((await client.ttl('theirs too')) > 900);
  } finally {
    await server.stop();
  }
});

test('a second Ctrl-C leaves at once: 105, without a result', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const args = ['run', path, '--redis', `redis://127.0.0.1:${server.endpoint.port}`, '--out', out('twice')];
    const run = startCli([...args, '--set', 'duration=60s']);
    await run.said(/measure/);
    process.kill(server.pid, 'SIGSTOP');
    run.child.kill('SIGINT');
    await run.said(/SIGINT: cutting off/);
    run.child.kill('SIGINT');
    assert.is((await run.ended).code, 105);
    assert.not(existsSync(join(out('twice'), 'result.json')));
  } finally {
    process.kill(server.pid, 'SIGCONT');
    await server.stop();
  }
});

test('stopped for a while, it says that what it heard is late: 98', async () => {
  const many = ['--set', 'duration=3s', '--set', 'cohorts.due={sessions: 2000, ttl: {uniform: [1s, 2s]}}'];
  const run = startCli(['run', path, ...many, '--set', 'server.hz=100', '--out', out('stopped')]);
  await run.said(/measure/);
  run.child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  run.child.kill('SIGCONT');
  const { code, stdout } = await run.ended;
  assert.is(code, 98, stdout);
  assert.match(
    stdout.replace(/\s+/g, ' '),
    /events were heard late, by up to \d\.\d s: the observer's thread stood still/,
  );
});

test('killed, it leaves no embedded server and no directory behind', async () => {
  const run = startCli(['run', path, '--set', 'duration=60s', '--out', out('kill')]);
  const [, pid] = await run.said(/pid (\d+)/);
  await run.said(/measure/);
  const before = readFileSync(`/proc/${pid}/cwd/redis.conf`, 'utf8');
  const [, dir] = /^dir "?([^"\n]+)"?$/m.exec(before)!;
  assert.ok(existsSync(dir!));
  run.child.kill('SIGKILL');
  await until(() => !isAlive(Number(pid)) && !existsSync(dir!));
});

test.run();
