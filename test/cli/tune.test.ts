import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Tune, tuneSchema } from '../../src/experiment/tune-file.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-tune-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const path = join(directory, 'short.yml');
writeFileSync(
  path,
  `duration: 500ms
cutoff: 900ms
cohorts:
  living: { sessions: 3000, ttl: 1h }
  due: { sessions: 300, ttl: { uniform: [100ms, 400ms] } }
`,
);

const out = (name: string): string => join(directory, name);
const tune = async (...args: string[]) => startCli(['tune', path, ...args]).ended;
const tuneOf = (name: string): Tune => tuneSchema.parse(JSON.parse(readFileSync(join(out(name), 'tune.json'), 'utf8')));

const SMALL = ['--budget', '5', '--repeats', '1', '--quiet'];

test('finds the hz that a goal of a lag needs; a server takes the fragment', async () => {
  const goal = ['--goal', 'expiry_lag p(90)<500ms', '--over', 'hz=10,500'];
  const { code, stdout, stderr } = await tune(...goal, ...SMALL, '--out', out('found'));
  assert.is(code, 0, stderr);
  assert.match(stdout, /^hz=500 meets all goals in 1 full run: expiry_lag p\(90\)<500ms is/);
  const { state, finding, runs } = tuneOf('found');
  assert.is(state, 'complete');
  assert.equal(finding!.settings, { hz: '500' });
  assert.equal(runs.map(({ length, settings }) => `${length} ${settings.hz ?? 'present'}`).sort(), [
    'full 500',
    'full present',
    'short 500',
    'short present',
    'short present',
  ]);
  for (const run of runs) if (run.state === 'measured') assertLaw(run.result);
  const server = await startRedis(['--include', join(out('found'), 'tuned.conf')]);
  try {
    assert.equal(await server.client().config('GET', 'hz'), ['hz', '500']);
  } finally {
    await server.stop();
  }
  assert.is(readFileSync(join(out('found'), 'tuned.redis-cli'), 'utf8'), 'CONFIG SET hz 500\n');
});

test('a goal that no setting meets: says so, how near it came, and what would help', async () => {
  const goal = ['--goal', 'expiry_lag p(90)<1ms', '--over', 'hz=10,500'];
  const { code, stdout } = await tune(...goal, ...SMALL, '--out', out('none'));
  assert.is(code, 99);
  assert.match(stdout, /^No settings that were tried meet all goals\. Nearest came hz=500\./);
  assert.match(stdout, /What would help:\n- an index of deadlines/);
  assert.match(stdout, /fewer keys with a TTL/);
  assert.not.ok(existsSync(join(out('none'), 'tuned.conf')));
});

test('a signal: what was measured is kept, and marked aborted; the server is as it was', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex', '--hz', '11']);
  const client = server.client();
  try {
    const url = `redis://127.0.0.1:${server.endpoint.port}`;
    const args = ['tune', path, '--goal', 'stale==0', '--over', 'hz=50', '--redis', url, '--allow-config'];
    const { child, said, ended } = startCli([...args, '--out', out('aborted')]);
    await said(/run 3 of at most 20/);
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    assert.is(code, 105);
    assert.match(stdout, /^ABORTED after 2 of at most 20 runs/);
    const { state, finding, runs } = tuneOf('aborted');
    assert.equal([state, finding, runs.length], ['aborted', null, 2]);
    assert.equal(await client.config('GET', 'hz'), ['hz', '11']);
    assert.is(await client.dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test('bad input: the place, the value, what is allowed', async () => {
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await tune(...args);
    assert.is(code, 104, stderr);
    return stderr;
  };
  assert.match(await refusal(), /^--goal: is missing, and short has no thresholds/);
  assert.match(
    await refusal('--goal', 'p(99)<1s'),
    /^--goal "p\(99\)<1s": names no metric; use "expiry_lag p\(99\)<500ms"/,
  );
  assert.match(await refusal('--goal', 'lost==0'), /^--over: is missing, and no setting is known that could matter/);
  assert.match(await refusal('--goal', 'stale==0', '--over', 'hertz=1,2'), /hertz is no setting of this server/);
  assert.match(await refusal('--goal', 'stale==0', '--budget', '8'), /^--budget 8: is too few: 9 are the fewest/);
  assert.match(
    await refusal('--goal', 'expiry_lag{cohort:living} p(9)<1s', '--over', 'hz=1,2'),
    /^--goal "expiry_lag\{cohort:living\} p\(9\)<1s": cannot be met: no session falls due/,
  );
  assert.match(await refusal('--goal', 'stale==0', '--redis', 'redis://127.0.0.1:1'), /^--redis: .*--allow-config/);
  assert.match(await refusal('--short', '2'), /More than 0% and at most 100%/);
});

test.run();
