import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resultSchema } from '../../src/result/schema.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-cli-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'short.yml');
writeFileSync(
  path,
  `duration: 1s
cohorts:
  idle: { sessions: 200, ttl: 1h }
  due: { sessions: 50, ttl: 100ms }
thresholds: { lost: ["count==0"] }
`,
);

const out = (name: string): string => join(directory, name);
const cli = async (...args: string[]) => startCli(args).ended;

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

const runs = suite('run');

runs('a good run: 0, the summary on standard output, progress on standard error, the files', async () => {
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

runs('--json prints the result, --quiet no progress, --seed and --set are in it', async () => {
  const args = ['--json', '--quiet', '--seed', '7', '--set', 'cohorts.idle.sessions=33', '--out', out('json')];
  const { code, stdout, stderr } = await cli('run', path, ...args);
  assert.is(code, 0);
  assert.is(stderr, '');
  const result = resultSchema.parse(JSON.parse(stdout));
  assert.is(result.seed, 7);
  assert.is(result.cohorts.idle!.attempted, 33);
});

runs('a reader of its progress that goes away ends no run, and leaves no keys', async () => {
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

runs(
  'a result that does not fit on the disk behind standard output: 1, and it is in its file all the same',
  async () => {
    const full = openSync('/dev/full', 'w');
    const { code } = await startCli(['run', path, '--json', '--quiet', '--out', out('full')], { stdout: full }).ended;
    closeSync(full);
    assert.is(code, 1);
    assert.ok(existsSync(join(out('full'), 'result.json')));
  },
);

runs('a threshold that fails: 99', async () => {
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

runs('a result that can no longer be written is still told, and by name: 1', async () => {
  const run = startCli(['run', path, '--out', out('vanishing')]);
  await run.said(/measure/);
  rmSync(out('vanishing'), { recursive: true });
  const { code, stdout, stderr } = await run.ended;
  assert.is(code, 1);
  assert.match(stdout, /Verdict: valid/);
  assert.not.match(stdout, /result\.json/);
  assert.ok(stderr.includes(`cannot write ${out('vanishing')}`), stderr);
});

runs('a server of its own that does not start: 97, in the server’s words', async () => {
  const { code, stderr } = await cli('run', path, '--set', 'server.hzz=10', '--out', out('97'), '--quiet');
  assert.is(code, 97);
  assert.match(stderr, /hzz/);
  assert.not.match(stderr, /\n\s+at /);
});

const refused = suite('what is refused before any load');

refused('a bad scenario or bad arguments: 104, with the place', async () => {
  const bad = join(directory, 'bad.yml');
  writeFileSync(bad, 'duration: 1s\ncohorts:\n  a: { sessions: 5, ttl: soon }\n');
  const wrong = await cli('run', bad);
  assert.is(wrong.code, 104);
  assert.match(wrong.stderr, /bad\.yml:3:26 cohorts\.a\.ttl: "soon" is not a duration/);
  assert.is((await cli('run')).code, 104);
  assert.is((await cli('run', path, '--seed', 'x')).code, 104);
  assert.is((await cli('run', path, '--redis', 'http://x')).code, 104);
  assert.is((await cli('run', path, '--redis', 'redis://x', '--redis-server', 'y')).code, 104);
  assert.is((await cli('validate', path, bad)).code, 104);
  assert.is((await cli('validate', path)).code, 0);
  assert.is((await cli('--help')).code, 0);
});

refused('an --out that cannot be written: 104, before a server is started', async () => {
  const { code, stderr } = await cli('run', path, '--out', join(path, 'out'));
  assert.is(code, 104);
  assert.ok(stderr.includes(join(path, 'out')), stderr);
  assert.not.match(stderr, /embedded/);
});

refused('a server that cannot be used: 97, the cause and the remedy, no password', async () => {
  const nobody = await cli('run', path, '--redis', 'redis://127.0.0.1:1', '--quiet', '--out', out('none'));
  assert.is(nobody.code, 97);
  assert.match(nobody.stderr, /127\.0\.0\.1:1/);
  const server = await startRedis(['--requirepass', 'right']);
  try {
    const url = `127.0.0.1:${server.endpoint.port}`;
    const wrong = await cli('run', path, '--redis', `redis://:s3cret@${url}`, '--quiet', '--out', out('wrong'));
    assert.is(wrong.code, 97);
    assert.match(wrong.stderr, /password/);
    assert.not.match(wrong.stderr + wrong.stdout, /s3cret|\n\s+at /);
    const flags = await cli('run', path, '--redis', `redis://:right@${url}`, '--quiet', '--out', out('flags'));
    assert.is(flags.code, 97);
    assert.match(flags.stderr, /redis-cli .*CONFIG SET notify-keyspace-events \S*E/);
    assert.not.match(flags.stderr, /right/);
    assert.is(await server.client({ password: 'right' }).dbsize(), 0);
  } finally {
    await server.stop();
  }
});

const signals = suite('signals');

signals('Ctrl-C cuts off, accounts for every session, leaves the server as it was: 105', async () => {
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

signals('a second Ctrl-C leaves at once: 105, without a result', async () => {
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

signals('stopped for a while, it says that what it heard is late: 98', async () => {
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

signals('killed, it leaves no embedded server and no directory behind', async () => {
  const run = startCli(['run', path, '--set', 'duration=60s', '--out', out('kill')]);
  const [, pid] = await run.said(/pid (\d+)/);
  await run.said(/measure/);
  const before = readFileSync(`/proc/${pid}/cwd/redis.conf`, 'utf8');
  const [, dir] = /^dir "?([^"\n]+)"?$/m.exec(before)!;
  assert.ok(existsSync(dir!));
  run.child.kill('SIGKILL');
  await until(() => !isAlive(Number(pid)) && !existsSync(dir!));
});

for (const part of [runs, refused, signals]) part.run();
