import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGoals } from '../../src/experiment/goals.ts';
import { remediesFor } from '../../src/experiment/remedies.ts';
import type { Settings } from '../../src/experiment/settings.ts';
import type { TunedRun } from '../../src/experiment/tune-file.ts';
import { Tally } from '../../src/ledger/tally.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { makeResult } from '../report/make-result.ts';

const NEAREST = { hz: '500' };

function scenario(goal: string) {
  const cohorts = { living: { sessions: 9000, ttl: '1h' }, due: { sessions: 1000, ttl: '1s' } };
  const parsed = parseScenario({ duration: '10s', cohorts });
  return { ...parsed, thresholds: parseGoals([goal], parsed) };
}

function run(length: 'short' | 'full', settings: Settings, value: number, met: boolean, refused = 0): TunedRun {
  const tally = new Tally();
  tally.counts.attempted = refused;
  for (let i = 0; i < refused; i++) tally.count('refused');
  const result = makeResult({ due: tally });
  const goals = [{ value, met, shortfall: met ? 0 : 1 }];
  return { state: 'measured', run: 1, length, why: 'made', settings, wallSeconds: 1, goals, result };
}

const remedies = (goal: string, runs: TunedRun[], short = 0.3): string => {
  const whole = scenario(goal);
  return remediesFor(
    { scenario: whole, short: { ...whole, durationMs: short * whole.durationMs } },
    NEAREST,
    runs,
  ).join('\n');
};

test('a lag that stays: an index of deadlines, and so many fewer keys as the lag is to fall', () => {
  const text = remedies('expiry_lag p(99)<500ms', [run('full', NEAREST, 5, false)]);
  assert.match(text, /^an index of deadlines/);
  assert.match(text, /under these settings about 810 at most/, 'of 10,000, (500 - 100) / (5000 - 100) at hz 10');
  assert.match(text, /a server with TTLs of hash fields \(Redis 7\.4, Valkey 9\)/);
  assert.not.match(text, /more memory/);
});

test('a bound below the period of the cycle: no number of keys is few enough', () => {
  const text = remedies('expiry_lag p(99)<50ms', [run('full', NEAREST, 5, false)]);
  assert.match(text, /^an index of deadlines/);
  assert.not.match(text, /fewer keys/);
});

test('evictions that stay: memory for all that are alive at once', () => {
  const text = remedies('evicted_early==0', [run('full', NEAREST, 300, false)]);
  assert.match(
    text,
    /^more memory, or fewer sessions on this server: the 10,000 that are alive at once take about \d MB/,
  );
});

test('short runs that promised too much', () => {
  const runs = [run('short', NEAREST, 0.4, true), run('full', NEAREST, 0.6, false)];
  assert.match(remedies('expiry_lag p(99)<500ms', runs), /--short 100%/);
});

test('goals that are met at a price of which they do not speak', () => {
  const runs = [run('full', {}, 300, false), run('full', NEAREST, 0, true, 400)];
  const text = remedies('stale==0', runs);
  assert.match(text, /refused grows from 0 to 400 sessions; .*--goal "refused<=400"/);
});

test.run();
