import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAxisValues } from '../../src/scenario/axis.ts';
import { type LoadOptions, openScenario, ScenarioError } from '../../src/scenario/load.ts';

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-sweep-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

const COHORTS = 'duration: 1s\ncohorts: { a: { sessions: 1, ttl: 1s } }\n';

function open(sweep: string, options: LoadOptions = {}) {
  const path = join(directory, 'scenario.yml');
  writeFileSync(path, COHORTS + sweep);
  return openScenario(path, options);
}

async function faultOf(sweep: string, options: LoadOptions = {}): Promise<string> {
  const error = await open(sweep, options).then(
    () => assert.unreachable('it was accepted'),
    (error) => error,
  );
  assert.instance(error, ScenarioError);
  return error.message.replaceAll(`${directory}/`, '');
}

test('values, ranges and all', () => {
  assert.equal(parseAxisValues('10,100'), { values: ['10', '100'] });
  assert.equal(parseAxisValues('1..10:3'), { values: ['1', '4', '7', '10'] });
  assert.equal(parseAxisValues('1..3, 20'), { values: ['1', '2', '3', '20'] });
  assert.equal(parseAxisValues('7..7'), { values: ['7'] });
  assert.equal(parseAxisValues('20mb,pubsub 0 0 0'), { values: ['20mb', 'pubsub 0 0 0'] });
  assert.equal(parseAxisValues(' all '), { values: 'all' });
});

test('values that are none say why', () => {
  const rejected: [string, RegExp][] = [
    ['', /names no value; use 10,100, 1\.\.10:3 \(1, 4, 7, 10\) or all/],
    ['10,100,10', /names 10 twice/],
    ['1..10,4', /names 4 twice/],
    ['1..x', /a range that is none, 1\.\.x; use FIRST\.\.LAST:STEP/],
    ['0.1..0.5', /a range that is none/],
    ['1..10:0', /a range without a step, 1\.\.10:0/],
    ['10..1', /ends before it begins, 10\.\.1/],
    ['1..1000000000000', /has 1000000000000 values in 1\.\.1000000000000; at most 10000 are allowed/],
  ];
  for (const [text, expected] of rejected) assert.match(String(parseAxisValues(text)), expected);
});

test('a scenario says what is varied, three runs a cell by default; without it there is no sweep', async () => {
  const { sweep } = await open('sweep: { over: { hz: [10, 100], lazyfree-lazy-expire: [yes, no], maxmemory: 1..2 } }');
  assert.equal(sweep, {
    over: [
      { setting: 'hz', values: ['10', '100'] },
      { setting: 'lazyfree-lazy-expire', values: ['yes', 'no'] },
      { setting: 'maxmemory', values: ['1', '2'] },
    ],
    repeats: 3,
  });
  assert.is((await open('')).sweep, null);
});

test('axes of the command line take the place of the scenario’s, its repeats stay', async () => {
  const written = 'sweep: { over: { hz: [10] }, repeats: 5 }';
  const { sweep } = await open(written, { over: ['maxmemory-policy=all', 'active-expire-effort=1..10:9'] });
  assert.equal(sweep, {
    over: [
      { setting: 'maxmemory-policy', values: 'all' },
      { setting: 'active-expire-effort', values: ['1', '10'] },
    ],
    repeats: 5,
  });
  assert.equal((await open('', { over: ['hz=5'], repeats: 1 })).sweep, {
    over: [{ setting: 'hz', values: ['5'] }],
    repeats: 1,
  });
});

test('what is wrong is told with its place', async () => {
  assert.is(
    await faultOf('sweep: { over: { hz: 10..1 } }'),
    'scenario.yml:3:22 sweep.over.hz: "10..1" has a range that ends before it begins, 10..1',
  );
  assert.match(
    await faultOf('sweep: { over: { hz: [] } }'),
    /^scenario\.yml:3:22 sweep\.over\.hz: \[\] names no value/,
  );
  assert.match(await faultOf('sweep: { over: { port: [1, 2] } }'), /sweep\.over\.port: is set by ttlscope itself/);
  assert.match(await faultOf('sweep: { repeats: 0 }'), /sweep\.repeats: 0 is not more than 0/);
  assert.match(await faultOf('sweep: 3'), /^scenario\.yml:3:8 sweep: is not a mapping|sweep: 3 is not a mapping/);
  assert.match(await faultOf('', { over: ['hz=5..1'] }), /^--over hz=5\.\.1 sweep\.over\.hz: .*ends before it begins/);
  assert.match(await faultOf('', { over: ['dir=/a,/b'] }), /^--over dir=\/a,\/b .*is set by ttlscope itself/);
  assert.match(await faultOf('', { over: ['hz'] }), /^--over hz: is not SETTING=VALUES; use hz=10,100/);
  assert.match(await faultOf('', { over: ['hz=1', 'hz=2'] }), /^--over hz=2: hz is there twice/);
  assert.match(await faultOf('', { over: ['hz=1'], repeats: 0 }), /^--repeats 0 sweep\.repeats: 0 is not more than 0/);
});

test('where a value is written can be asked later', async () => {
  const { problemAt } = await open('sweep:\n  over:\n    hz: [10, 5000]\n');
  assert.equal(problemAt(['sweep', 'over', 'hz', 1], 'is refused'), {
    file: join(directory, 'scenario.yml'),
    line: 5,
    column: 14,
    path: 'sweep.over.hz[1]',
    message: 'is refused',
  });
});

test.run();
