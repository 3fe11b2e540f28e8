import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resultSchema } from '../../src/result/schema.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { cli, out, path } from './short.ts';

test('a good run: 0, the summary on standard output, progress on standard error, the files', async () => {
  const { code, stdout, stderr } = await cli('run', path, '--out', out('good'), '--sessions', out('sessions.csv'));
  assert.is(code, 0, stderr);
  assert.match(stdout, /Verdict: valid/);
  assert.match(stderr, /measure/);
  const result = resultSchema.parse(JSON.parse(readFileSync(join(out('good'), 'result.json'), 'utf8')));
  assertLaw(result);
  assert.ok(existsSync(join(out('good'), 'lag.hgrm')));
  const [header, ...rows] = readFileSync(out('sessions.csv'), 'utf8').trim().split(/\r?\n/);
  assert.is(header, 'key,cohort,deadline_ms,outcome,cause,heard_ms,lag_ms,ambiguous');
  assert.is(rows.length, result.totals.attempted);
  for (const row of rows.map((line) => line.split(','))) {
    const [, , deadline, outcome, cause, heard, lag] = row;
    assert.is(outcome === 'expired', lag !== '');
    if (outcome !== 'expired') continue;
    assert.ok(Math.abs(Number(heard) - Number(deadline) - Number(lag)) < 0.01, row.join());
    assert.is(cause, 'cycle');
  }
  assert.is(rows.filter((row) => row.includes(',expired,')).length, result.totals.outcomes.expired);
});

test('--json prints the result, --quiet no progress, --seed and --set are in it', async () => {
  const args = ['--json', '--quiet', '--seed', '7', '--set', 'cohorts.idle.sessions=33', '--out', out('json')];
  const { code, stdout, stderr } = await cli('run', path, ...args);
  assert.is(code, 0);
  assert.is(stderr, '');
  const result = resultSchema.parse(JSON.parse(stdout));
  assert.is(result.seed, 7);
  assert.is(result.cohorts.idle!.attempted, 33);
});

test('a reader of its progress that goes away ends no run, and leaves no keys', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const url = `redis://127.0.0.1:${server.endpoint.port}`;
    const run = startCli(['run', path, '--redis', url, '--out', out('deaf')]);
    await run.said(/fill|measure/);
    run.child.stderr!.destroy();
    assert.is((await run.ended).code, 0);
    assert.ok(existsSync(join(out('deaf'), 'result.json')));
    assert.is(await server.client().dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test('a result that does not fit on the disk behind standard output: 1, and it is in its file all the same', async () => {
  const full = openSync('/dev/full', 'w');
  const { code } = await startCli(['run', path, '--json', '--quiet', '--out', out('full')], { stdout: full }).ended;
  closeSync(full);
  assert.is(code, 1);
  assert.ok(existsSync(join(out('full'), 'result.json')));
});

test('a threshold that fails: 99', async () => {
  const { code, stdout } = await cli(
    'run',
    path,
    '--set',
    'thresholds.alive=["count==0"]',
    '--out',
    out('99'),
    '--quiet',
  );
  assert.is(code, 99);
  assert.match(stdout, /✗ alive count==0 \(200\)/);
});

test('a result that can no longer be written is still told, and by name: 1', async () => {
  const run = startCli(['run', path, '--out', out('vanishing')]);
  await run.said(/measure/);
  rmSync(out('vanishing'), { recursive: true });
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 1);
  assert.match(stdout, /Verdict: valid/);
  assert.not.match(stdout, /result\.json/);
  assert.ok(stderr.includes(`cannot write ${out('vanishing')}`), stderr);
});

test('a server of its own that does not start: 97, in the server’s words', async () => {
  const { code, stderr } = await cli('run', path, '--set', 'server.hzz=10', '--out', out('97'), '--quiet');
  assert.is(code, 97);
  assert.match(stderr, /hzz/);
  assert.not.match(stderr, /\n\s+at /);
});

test.run();
