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
  living: { sessions: 2000, ttl: 1h }
  due: { sessions: 300, ttl: { uniform: [100ms, 400ms] } }
`,
);

const out = (name: string): string => join(directory, name);
const tune = async (...args: string[]) => startCli(['tune', path, ...args]).ended;
const tuneOf = (name: string): Tune => tuneSchema.parse(JSON.parse(readFileSync(join(out(name), 'tune.json'), 'utf8')));

/** Five runs are enough; the others are for what a busy machine makes invalid. */
const SMALL = ['--budget', '12', '--repeats', '1', '--quiet'];

test('finds the hz that a goal of a lag needs; a server takes the fragment', async () => {
  const goal = ['--goal', 'expiry_lag p(90)<500ms', '--over', 'hz=10,500'];
  const { code, stdout, stderr } = await tune(...goal, ...SMALL, '--out', out('found'));
  assert.is(code, 0, stderr + stdout);
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
  const { code, stdout } = await tune(...goal, ...SMALL, '--set', 'cutoff=200ms', '--out', out('none'));
  assert.is(code, 99);
  assert.match(stdout, /^No settings that were tried meet all goals\. Nearest came hz=500\./);
  assert.match(stdout, /What would help:\n- an index of deadlines/);
  assert.not.match(stdout, /fewer keys/, 'a period of the cycle, 2 ms at hz 500, is too long');
  assert.not.ok(existsSync(join(out('none'), 'tuned.conf')));
});

test.run();
