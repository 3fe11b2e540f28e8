import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Finding, type Tune, type TunedRun, tuneSchema } from '../../src/experiment/tune-file.ts';
import { renderTune, tuneSentence } from '../../src/report/tune-report.ts';
import { tunedCommands, tunedConf } from '../../src/report/tuned-conf.ts';
import { lateTally, makeResult } from './make-result.ts';

const GOAL = 'expiry_lag p(50)<1s';

/** A run in which the 588 that were heard of 1,000 were so late. */
function run(number: number, length: 'short' | 'full', settings: Record<string, string>, lagSeconds: number): TunedRun {
  const value = lagSeconds;
  const met = value < 1;
  const result = makeResult({ visitors: lateTally(() => 1000 * lagSeconds) });
  const inForce = { ...settings, hz: String(Math.min(500, Number(settings.hz ?? 10))) };
  return {
    state: 'measured',
    run: number,
    length,
    why: 'made',
    settings,
    wallSeconds: 12,
    goals: [{ value, met, shortfall: met ? 0 : 1 }],
    result: { ...result, server: { ...result.server, settings: inForce } },
  };
}

function makeTune(runs: TunedRun[], finding: Partial<Finding> | null, changes: Partial<Tune> = {}): Tune {
  const none = { present: [], settings: [] };
  return tuneSchema.parse({
    schema: 'ttlscope.tune/1',
    state: 'complete',
    scenario: { name: 'shop' },
    goals: [GOAL],
    seed: 1,
    budget: 20,
    repeats: 2,
    full: { durationMs: 10_000, cutoffMs: 1000 },
    short: { durationMs: 3000, cutoffMs: 1000 },
    axes: [{ setting: 'hz', present: '10', levels: ['10', '100'], why: 'made', immutable: false }],
    leftOut: [],
    server: { endpoint: null, binary: 'redis-server' },
    startedAt: '2026-01-02T03:04:05.000Z',
    runs,
    finding: finding && {
      outcome: 'found',
      settings: {},
      full: none,
      short: none,
      effects: [],
      remedies: [],
      ...finding,
    },
    ...changes,
  });
}

/** The fragment, each comment in one line. */
const unwrapped = (tune: Tune): string => tunedConf(tune, tune.finding!).replaceAll('\n#   ', ' ');

const HZ = { hz: '100' };
const BOTH = { hz: '100', 'active-expire-effort': '10' };

const one = makeTune(
  [run(3, 'full', {}, 18.7), run(4, 'full', HZ, 0.42), run(5, 'full', HZ, 0.44), run(6, 'full', {}, 18.9)],
  { settings: HZ, full: { present: [3, 6], settings: [4, 5] } },
);

test('the finding, before and after, the fragment, the commands', () => {
  const text = renderTune(one, 80);
  assert.match(text, /^hz=100 meets all goals in 2 full runs: expiry_lag p\(50\)<1s is 430 ms instead of\n18\.8 s\./);
  assert.match(text, /expiry_lag p\(50\)<1s +18\.8 s +430 ms +-98%/);
  assert.match(text, /full runs of 0:11, present: 3, 6; found: 4, 5/);
  assert.match(text, /\nhz 100\n/);
  assert.match(text, /\nCONFIG SET hz 100\n/);
  for (const line of text.split('\n')) assert.ok(line.startsWith('#') || line.length <= 80, line);
});

test('one setting: what it does, by the full runs', () => {
  const conf = unwrapped(one);
  assert.match(
    conf,
    /^# ttlscope tune shop, redis 7\.0\.15, goals: expiry_lag p\(50\)<1s\n# In all runs notify-keyspace-events was ""; .*\n\n# expiry_lag/,
  );
  assert.match(conf, /18\.8 s -> 430 ms.*\(full runs 4, 5 against 3, 6\)\nhz 100\n$/s);
});

test('several settings: what they do together, and each by its absence, or that this was not measured', () => {
  const tune = makeTune(
    [run(1, 'short', HZ, 3), run(2, 'short', BOTH, 0.5), run(3, 'full', {}, 18.7), run(4, 'full', BOTH, 0.42)],
    {
      settings: BOTH,
      full: { present: [3], settings: [4] },
      short: { present: [], settings: [2] },
      effects: [
        { setting: 'hz', without: null },
        { setting: 'active-expire-effort', without: 1 },
      ],
    },
  );
  const conf = unwrapped(tune);
  assert.match(conf, /# All together: .*18\.7 s -> 420 ms.*\(full run 4 against 3\)/s);
  assert.match(conf, /# what it adds was not measured, for want of runs: it is part of the above\nhz 100\n/);
  assert.match(
    conf,
    /# without it, then with it: .*3\.00 s -> 500 ms.*\(short run 2 against 1\)\nactive-expire-effort 10\n$/s,
  );
});

test('values are quoted as redis.conf and redis-cli want them', () => {
  const settings = { save: '', 'client-output-buffer-limit': 'pubsub 0 0 0', maxmemory: '30mb' };
  assert.equal(tunedCommands(one, settings), [
    'CONFIG SET save ""',
    'CONFIG SET client-output-buffer-limit "pubsub 0 0 0"',
    'CONFIG SET maxmemory 30mb',
  ]);
  const tune = makeTune([run(1, 'full', {}, 2), run(2, 'full', settings, 0.5)], {
    settings,
    full: { present: [1], settings: [2] },
  });
  const conf = tunedConf(tune, tune.finding!);
  assert.match(conf, /\nsave ""\n/);
  assert.match(conf, /\nclient-output-buffer-limit pubsub 0 0 0\n/);
});

test('what only a start can set is in the fragment, and among no commands', () => {
  const axes = ['hz', 'io-threads'].map((setting) => {
    return { setting, present: '1', levels: ['1', '100'], why: 'made', immutable: setting === 'io-threads' };
  });
  const report = (settings: Record<string, string>): string => {
    const runs = [run(1, 'full', {}, 2), run(2, 'full', settings, 0.5)];
    return renderTune(makeTune(runs, { settings, full: { present: [1], settings: [2] } }, { axes }), 80);
  };
  const both = report({ hz: '100', 'io-threads': '2' });
  assert.match(both, /\nio-threads 2\n/);
  assert.match(both, /\nCONFIG SET hz 100\nSet by a restart only, and by no CONFIG SET: io-threads\.\n/);
  assert.not.match(both, /CONFIG SET io-threads/);
  assert.not.match(report({ 'io-threads': '2' }), /redis-cli/);
});

test('none: how near it came, the best of each goal, what would help', () => {
  const tune = makeTune([run(1, 'full', {}, 18), run(2, 'short', HZ, 1.5), run(3, 'full', HZ, 2)], {
    outcome: 'none',
    settings: HZ,
    full: { present: [1], settings: [3] },
    remedies: ['an index of deadlines'],
  });
  const text = renderTune(tune, 80);
  assert.match(text, /^No settings that were tried meet all goals\. Nearest came hz=100\./);
  assert.match(text, /expiry_lag p\(50\)<1s +18\.0 s +2\.00 s/);
  assert.match(text, /What would help:\n- an index of deadlines/);
  assert.not.match(text, /CONFIG SET/);
});

test('a value that the server changed is told, in the fragment and below the report', () => {
  const hz = { hz: '700' };
  const tune = makeTune([run(1, 'full', {}, 3), run(2, 'full', hz, 0.3)], {
    settings: hz,
    full: { present: [1], settings: [2] },
  });
  assert.match(unwrapped(tune), /\n# the server made 500 of hz 700\nhz 700\n/);
  assert.match(renderTune(tune, 80), /\n- the server made 500 of hz 700\n/);
  assert.not.match(renderTune(one, 80), /the server made/);
});

test('unchanged, aborted, not measurable', () => {
  const unchanged = makeTune([run(1, 'full', {}, 0.5)], {
    outcome: 'unchanged',
    full: { present: [1], settings: [1] },
  });
  assert.match(tuneSentence(unchanged), /^The present settings meet all goals in 1 full run, and nothing/);
  assert.not.match(renderTune(unchanged, 80), /redis\.conf/);
  const aborted = makeTune([run(1, 'short', {}, 3)], null, { state: 'aborted' });
  assert.match(renderTune(aborted, 80), /^ABORTED after 1 of at most 20 runs: nothing is confirmed\./);
  const failed: TunedRun = {
    state: 'failed',
    run: 1,
    length: 'short',
    why: 'made',
    settings: {},
    wallSeconds: 1,
    message: 'no binary',
    remedy: null,
  };
  const text = renderTune(makeTune([failed], { outcome: 'not measurable' }), 80);
  assert.match(text, /^The present settings could not be measured/);
  assert.match(text, /- run 1, present settings: failed: no binary/);
});

test.run();
