import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { planScenario } from '../../src/load/plan.ts';
import { LONGEST_TTL_MS } from '../../src/scenario/limits.ts';
import { loadScenario, parseScenario } from '../../src/scenario/load.ts';
import { arrivalsOf } from './arrivals-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'ttlscope-trace-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function write(text: string): string {
  writeFileSync(join(folder, 'trace.csv'), text);
  return 'trace.csv';
}

/** A scenario of the trace `text`, whose cohort has `more`. */
function scenarioOf(text: string, more: object = { ttl: '9s' }) {
  const cohorts = { a: { arrivals: { trace: write(text) }, ...more } };
  return parseScenario({ duration: '10s', cohorts }, { folder });
}

function refused(text: string, more?: object): string {
  try {
    scenarioOf(text, more);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
  throw new Error('it was accepted');
}

test('arrivals, TTLs and visits are those of the lines; what is empty is drawn', () => {
  const text = '\uFEFFactivity,arrival,ttl\r\n,0,2.5\r\n4s,250ms,\n\n1500ms,1.5,1m\n0.1,1.5,250ms';
  const plan = planScenario(scenarioOf(text, { ttl: '9s', activity: { every: '1s', for: '7s' } }));
  assert.equal(
    arrivalsOf(plan),
    [0, 250, 1500, 1500].map((atMs, index) => ({ index, atMs })),
  );
  const each = <T>(of: (index: number) => T): T[] => [0, 1, 2, 3].map(of);
  assert.equal(
    each((index) => plan.ttlMs(index)),
    [2500, 9000, 60_000, 250],
  );
  assert.equal(
    each((index) => plan.visitLengthMs(index)),
    [7000, 4000, 1500, 100],
  );
});

test('lines at and after the end of the duration are left out, and jitter is for traces too', () => {
  const plan = planScenario(scenarioOf('arrival,ttl\n1,10\n9.999,10\n10,10\n11,oops\n', { jitter: '50%' }));
  assert.is(plan.sessions, 2);
  const ttls = [plan.ttlMs(0), plan.ttlMs(1)];
  assert.ok(ttls.every((ms) => ms >= 5000 && ms <= 15_000) && ttls[0] !== ttls[1]);
});

test('the file lies beside the scenario', async () => {
  write('arrival\n1\n2\n');
  const path = join(folder, 'scenario.yml');
  writeFileSync(path, 'duration: 5s\ncohorts: { a: { arrivals: { trace: trace.csv }, ttl: 1s } }\n');
  assert.equal((await loadScenario(path)).cohorts[0]!.population, {
    kind: 'trace',
    file: join(folder, 'trace.csv'),
    sessions: 2,
  });
});

test('a line that cannot be is told with the file, the line, the value and what is allowed', () => {
  const at = 'scenario cohorts.a.arrivals.trace: trace.csv';
  assert.is(
    refused('arrival,ttl\n1,5\n2,soon\n'),
    `${at}:3 ttl: "soon" is not a time; use seconds or a duration: 1.5, 250ms, 5m`,
  );
  assert.is(refused('arrival\n5\n4.5\n'), `${at}:3 arrival: 4.5 s is before that of the line above`);
  assert.is(refused('arrival\n-1\n'), `${at}:2 arrival: "-1" is not a time; use seconds or a duration: 1.5, 250ms, 5m`);
  assert.match(refused('arrival,ttl\n,5\n'), /:2 arrival: is missing/);
  assert.match(refused('arrival,ttl\n1,0\n'), /:2 ttl: is not more than 0/);
  assert.match(refused('arrival,ttl\n1,60d\n'), /:2 ttl: 5184000 s is longer than the ledger carries .*, 3887990 s/);
  assert.match(refused('arrival,ttl\n1\n'), /:2 arrival: has nothing after it; the line needs 2 columns/);
  assert.match(refused('arrival,ttl\n1,2,3\n'), /:2 ttl: "2,3" has more than the 2 columns/);
  assert.match(refused('arival,ttl\n1,2\n'), /:1: "arival" is not a column; did you mean arrival\?/);
  assert.match(refused('arrival,arrival\n'), /:1: "arrival" is there twice/);
  assert.match(refused('ttl\n1\n'), /:1: has no column arrival/);
  assert.match(refused(''), /: is empty; it needs a header: arrival,ttl,activity/);
  assert.match(refused('arrival\n10\n'), /trace\.csv has no arrival before the end of the duration/);
  assert.match(refused(`arrival\n${'1'.repeat(300_000)}\n`), /:2: is longer than 262144 bytes/);
  assert.match(refused('arrival,ttl\n1,2\n2,\n', {}), /:3 ttl: is missing, and the cohort has no ttl/);
  assert.match(refused('arrival,activity\n1,2\n'), /:2 activity: needs an activity in the cohort/);
  assert.match(refused('arrival\n1\n', { ttl: { together: '20s' } }), /ttl: is one deadline for all; .*use a TTL/);
  const every = { ttl: '1s', activity: { every: '1s' } };
  assert.match(refused('arrival,activity\n1,2\n2,\n', every), /:3 activity: is missing, and the activity has no for/);
});

test('a trace that became shorter since is told, not sent as something else', () => {
  const scenario = scenarioOf('arrival\n1\n2\n');
  write('arrival\n1\n');
  assert.throws(() => planScenario(scenario), /trace\.csv has become shorter: 1 sessions, it had 2/);
});

test('a long trace is read in chunks, as if it were whole; segments are its parts', () => {
  const lines = Array.from(
    { length: 60_000 },
    (_, i) => `${(i / 7000).toFixed(4)},${1 + (i % 500)}${i % 3 ? '' : 's'}`,
  );
  const scenario = scenarioOf(`arrival,ttl\n${lines.join('\n')}`);
  const whole = planScenario(scenario);
  const arrivals = arrivalsOf(whole);
  assert.is(arrivals.length, lines.length);
  for (const [i, { atMs, index }] of arrivals.entries()) {
    assert.ok(Math.abs(atMs - Number((i / 7000).toFixed(4)) * 1000) < 1e-6);
    assert.is(whole.ttlMs(index), 1000 * (1 + (i % 500)));
  }
  const parts = [1, 2, 3].map((index) => arrivalsOf(planScenario(scenario, { index, of: 3 })));
  for (const [i, part] of parts.entries())
    assert.equal(
      part,
      arrivals.filter(({ index }) => index % 3 === i),
    );
});

test('the longest TTL of a trace is what the ledger carries with the jitter', () => {
  const ttl = Math.floor((LONGEST_TTL_MS - 10_000) / 1000 / 1.1);
  const plan = planScenario(scenarioOf(`arrival,ttl\n1,${ttl}\n`, { jitter: '10%' }));
  assert.ok(plan.ttlMs(0) <= LONGEST_TTL_MS - 10_000);
  assert.match(refused(`arrival,ttl\n1,${ttl + 2}\n`, { jitter: '10%' }), /is longer than the ledger carries/);
});

test.run();
