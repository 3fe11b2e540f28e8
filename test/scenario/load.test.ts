import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LoadOptions, loadScenario, parseScenario, ScenarioError } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-scenario-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

function load(text: string, options?: LoadOptions): Promise<Scenario> {
  const path = join(directory, 'test.yml');
  writeFileSync(path, text);
  return loadScenario(path, options);
}

/** The lines of the error, the directory left out. */
async function problems(text: string, options?: LoadOptions): Promise<string[]> {
  try {
    await load(text, options);
  } catch (error) {
    assert.instance(error, ScenarioError);
    return (error as Error).message.replaceAll(`${directory}/`, '').split('\n');
  }
  throw new Error('the scenario was accepted');
}

const MINIMAL = 'duration: 5s\ncohorts:\n  idle: { sessions: 10, ttl: 1h }\n';

/** Of a fixed one. */
const fixedOf = (distribution: unknown): number => (distribution as { value: number }).value;

const good = suite('good');

good('defaults are filled in, and everything is plain data in ms, bytes and shares', async () => {
  assert.equal(await load(MINIMAL), {
    name: 'test',
    seed: 1,
    durationMs: 5000,
    cutoffMs: 0,
    server: {},
    slowSubscribers: 0,
    thresholds: [],
    cohorts: [
      {
        name: 'idle',
        population: { kind: 'filled', sessions: 10 },
        ttlMs: { kind: 'fixed', value: 3_600_000 },
        jitter: 0,
        content: 'json',
        users: null,
        payloadBytes: { kind: 'fixed', value: 200 },
        activity: null,
        store: { name: 'string', creation: 'set-pxat' },
        refresh: { kind: 'none', renewBelow: null },
        logout: 0,
      },
    ],
  });
});

good('every form of a value is understood', async () => {
  const { cohorts, server } = await load(`
duration: 10s
server: { hz: 100, dynamic-hz: no, appendonly: true, client-output-buffer-limit: pubsub 0 0 0 }
cohorts:
  a: { arrivals: { rate: 30/m, process: constant }, ttl: { together: 20s }, payload: 2kB }
  b:
    arrivals: 200/s
    ttl: { mixture: [{ weight: 3, of: 30s }, { weight: 1, of: { lognormal: { median: 20s, sigma: 0.5 } } }] }
    payload: { uniform: [100, 1KiB] }
    activity: { every: { exponential: 2s }, for: { uniform: [1s, 1m] } }
    refresh: rewrite
    renew-below: 50%
    logout: 0.1
`);
  assert.equal(server, {
    hz: '100',
    'dynamic-hz': 'no',
    appendonly: 'yes',
    'client-output-buffer-limit': 'pubsub 0 0 0',
  });
  assert.equal(cohorts[0]!.population, {
    kind: 'arriving',
    rate: [{ atMs: 0, perSecond: 0.5 }],
    process: 'constant',
  });
  assert.equal(cohorts[0]!.ttlMs, { kind: 'together', value: 20_000 });
  assert.equal(cohorts[0]!.payloadBytes, { kind: 'fixed', value: 2000 });
  assert.equal(cohorts[1]!.ttlMs, {
    kind: 'mixture',
    parts: [
      { weight: 3, of: { kind: 'fixed', value: 30_000 } },
      { weight: 1, of: { kind: 'lognormal', median: 20_000, sigma: 0.5 } },
    ],
  });
  assert.equal(cohorts[1]!.refresh, { kind: 'rewrite', renewBelow: 0.5 });
  assert.is(cohorts[1]!.logout, 0.1);
});

good('a module says the same as YAML does', async () => {
  const path = join(directory, 'module.ts');
  writeFileSync(
    path,
    "const sessions: number = 10;\nexport default { duration: '5s', cohorts: { idle: { sessions, ttl: '1h' } } };\n",
  );
  assert.equal(await loadScenario(path), { ...(await load(MINIMAL)), name: 'module' });
});

good('--set overrides what is written and what is not', async () => {
  const { cohorts, cutoffMs, seed } = await load(MINIMAL, {
    set: ['cohorts.idle.ttl={ uniform: [1s, 2s] }', 'cutoff=3s'],
    seed: 9,
  });
  assert.equal(cohorts[0]!.ttlMs, { kind: 'uniform', min: 1000, max: 2000 });
  assert.equal([cutoffMs, seed], [3000, 9]);
});

good('settings beside the scenario override its own, as texts', () => {
  const written = { duration: '1s', cohorts: { a: { sessions: 1, ttl: '1s' } } };
  const settings = { hz: 10, save: '900 1' };
  const server = ['hz=100', 'maxmemory=20mb', 'save=""', 'client-output-buffer-limit=pubsub 0 0 0'];
  assert.equal(parseScenario({ ...written, server: settings }, { server }).server, {
    hz: '100',
    save: '',
    maxmemory: '20mb',
    'client-output-buffer-limit': 'pubsub 0 0 0',
  });
  assert.equal(parseScenario(written, { server: ['hz=5'] }).server, { hz: '5' });
});

const bad = suite('bad');

bad('a wrong value is told with its place, itself, and what is allowed', async () => {
  const [line] = await problems('duration: 5s\ncohorts:\n  visitors:\n    sessions: 10\n    ttl: 5 parsecs\n');
  assert.match(
    line!,
    /^test\.yml:5:10 cohorts\.visitors\.ttl: "5 parsecs" is not a duration; use 250ms, 30s, 5m, 1h, or a distribution: \{uniform: /,
  );
});

bad('everything is told at once', async () => {
  const lines = await problems(`duration: soon
cohorts:
  visitors:
    arivals: 200/s
    ttl: { uniform: [1s, tomorrow] }
    logout: 200%
    refresh: poke
thresholds:
  expirylag: ["max<2s"]
`);
  assert.equal(
    lines.map((line) => line.split(': ')[0]),
    [
      'test.yml:1:11 duration',
      'test.yml:4:14 cohorts.visitors.arivals',
      'test.yml:5:26 cohorts.visitors.ttl.uniform[1]',
      'test.yml:6:13 cohorts.visitors.logout',
      'test.yml:7:14 cohorts.visitors.refresh',
      'test.yml:9:14 thresholds.expirylag',
    ],
  );
  assert.match(lines[1]!, /did you mean arrivals\?/);
});

bad('what does not fit together is told too', async () => {
  const one = async (cohort: string): Promise<string> =>
    (await problems(`duration: 10s\ncohorts:\n  a: ${cohort}\n`)).join();
  assert.match(await one('{ ttl: 1s }'), /3:6 cohorts\.a: needs either sessions .* or arrivals/);
  assert.match(await one('{ sessions: 1, arrivals: 1/s, ttl: 1s }'), /needs either/);
  assert.match(await one('{ arrivals: 1/s, ttl: { together: 5s } }'), /cohorts\.a\.ttl: .*longer than the duration/);
  assert.match(
    await one('{ sessions: 1, ttl: 50d }'),
    /ttl: [\d.]+ days and the duration together exceed 45 days, the longest that the ledger carries$/,
  );
  assert.match(await one('{ sessions: 1, ttl: { exponential: 10d } }'), /once in a million/);
  assert.match(await one('{ sessions: 1, ttl: 1s, logout: 10% }'), /logout: needs an activity/);
  assert.match(await one('{ sessions: 1, ttl: 1s, refresh: touch }'), /refresh: needs an activity/);
  assert.match(await one('{ sessions: 60000000, ttl: 1s }'), /at most 50000000/);
  assert.match(await one('{ sessions: 1, ttl: 1s, payload: 17MiB }'), /payload: is .* MiB; at most 16 MiB are allowed/);
  assert.match((await problems(`${MINIMAL}cutoff: 24d\n`)).join(), /duration: makes a run of more than 24 days/);
  assert.match(
    (await problems('duration: 1s\nserver: { port: 1 }\ncohorts: { a: { sessions: 1, ttl: 1s } }\n')).join(),
    /2:17 server\.port: is set by ttlscope/,
  );
  assert.match((await problems('duration: 1s\ncohorts: {}\n')).join(), /2:10 cohorts: is empty/);
  assert.match(
    (await problems(`${MINIMAL}thresholds: { "stale{cohort:who}": ["count==0"] }\n`)).join(),
    /use one of idle/,
  );
  assert.match(
    (await problems(`${MINIMAL}thresholds: { stale: ["count~0"] }\n`)).join(),
    /4:23 thresholds\.stale\[0\]: "count~0" is not a threshold/,
  );
});

bad('faults of the form and faults of the meaning are told at once, in the order of the lines', async () => {
  const text = `duratoin: 3s
cohorts:
  all: { sessions: 3, ttl: .inf }
  __proto__: { sessions: 3, ttl: 1s }
  v: { arrivals: 50/s, ttl: 500ms, logout: 10% }
  w: { sesions: 3, ttl: 1s }
thresholds:
  lost: ["cuont==0", 5]
  stale{cohort:x}: ["rate<1%"]
`;
  const places = (await problems(text)).map((problem) => problem.split(' ', 2).join(' '));
  assert.equal(places, [
    'test.yml:1:1 duration:',
    'test.yml:1:11 duratoin:',
    'test.yml:3:8 cohorts.all:',
    'test.yml:3:28 cohorts.all.ttl:',
    'test.yml:4:14 cohorts.__proto__:',
    'test.yml:5:44 cohorts.v.logout:',
    'test.yml:6:17 cohorts.w.sesions:',
    'test.yml:8:10 thresholds.lost[0]:',
    'test.yml:8:22 thresholds.lost[1]:',
    'test.yml:9:20 thresholds.stale{cohort:x}:',
  ]);
});

good('an override of what an alias or a merge key brings changes that place alone', async () => {
  const text = `duration: 5s
cohorts:
  a:
    <<: &visitors
      arrivals: 10/s
      ttl: 2s
      activity: &browsing { every: 1s, for: 3s }
  b: { <<: *visitors, ttl: 3s }
  c: { arrivals: 10/s, ttl: 4s, activity: *browsing }
`;
  const set = ['cohorts.a.activity.every=100ms', 'cohorts.b.activity.for=9s', 'cohorts.c.activity.every=500ms'];
  const { cohorts } = await load(text, { set });
  assert.equal(
    cohorts.map(({ ttlMs, activity }) => [ttlMs, activity?.intervalMs, activity?.lengthMs].map(fixedOf)),
    [
      [2000, 100, 3000],
      [3000, 1000, 9000],
      [4000, 500, 3000],
    ],
  );
});

bad('a fault that a merge key brings is told where it is written', async () => {
  const text = 'duration: 5s\ncohorts:\n  a: &a { sessions: 1, ttl: no }\n  b: { <<: [*a, {payload: 20}] }\n';
  const found = (await problems(text)).map((line) => line.split(':').slice(0, 4).join(':'));
  assert.equal(found, [
    'test.yml:3:29 cohorts.a.ttl: "no" is not a duration; use 250ms, 30s, 5m, 1h, or a distribution',
    'test.yml:3:29 cohorts.b.ttl: "no" is not a duration; use 250ms, 30s, 5m, 1h, or a distribution',
  ]);
});

bad('an alias without its anchor, and a URL in the place of a file, whose password is not repeated', async () => {
  assert.match((await problems(`${MINIMAL}seed: *nobody\n`)).join(), /Unresolved alias .*nobody/);
  const message = await loadScenario('redis://:s3cret@127.0.0.1').catch((error: Error) => error.message);
  assert.match(message as string, /a URL is no scenario/);
  assert.not.match(message as string, /s3cret/);
});

bad('what is missing is told at its parent', async () => {
  assert.equal(await problems('cohorts: { a: { sessions: 1, ttl: 1s } }\n'), ['test.yml:1:1 duration: is missing']);
});

bad('YAML that is none, and a key that is there twice', async () => {
  assert.match((await problems('duration: [\n')).join(), /^test\.yml:\d+:\d+: /);
  assert.match((await problems(`${MINIMAL}duration: 6s\n`)).join(), /^test\.yml:4:1: Map keys must be unique/);
});

bad('an override that cannot be is told as it was typed', async () => {
  const set = async (text: string): Promise<string> => (await problems(MINIMAL, { set: [text] })).join();
  assert.match(await set('cohorts.idle.ttl=soon'), /^--set cohorts\.idle\.ttl=soon cohorts\.idle\.ttl: "soon" is not/);
  assert.match(await set('cohorts.nobody.ttl=1s'), /there is no cohort nobody; use one of idle/);
  assert.match(await set('ttl'), /is not PATH=VALUE/);
  assert.match(await set('duratoin=5s'), /did you mean duration\?/);
  assert.match(await set('duration.x=5s'), /duration has no parts/);
  assert.match(await set('cohorts.idle.ttl.x.y=5s'), /cohorts\.idle\.ttl has no parts/);
});

bad('files that are not there, or are folders', async () => {
  const missing = await loadScenario('no/such.yml').catch((error: Error) => error.message);
  assert.is(missing, 'no/such.yml: no such file');
  const folder = await loadScenario(directory).catch((error: Error) => error.message);
  assert.match(folder as string, /is a directory/);
});

bad('a value in hand is told by its path', () => {
  assert.throws(
    () => parseScenario({ duration: '5s', cohorts: { a: { sessions: 0, ttl: '1s' } } }),
    /^scenario cohorts\.a\.sessions: 0 is not more than 0$/,
  );
  assert.throws(() => parseScenario(null), /is empty; it needs a duration and cohorts/);
});

for (const part of [good, bad]) part.run();
