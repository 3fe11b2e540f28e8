import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { knownBugs } from '../../src/doctor/rules/known-bugs.ts';
import { alteredFacts } from './altered-facts.ts';
import { setKeys, until, withPatient } from './patient.ts';

const FAST_CYCLE = 'https://github.com/redis/redis/pull/15412';
const CRASH = 'https://github.com/valkey-io/valkey/pull/2257';

test('the dead fast cycle of this server: felt where more is stale than the effort accepts', async () => {
  await withPatient({ 'active-expire-effort': '10' }, async ({ redis, findings }) => {
    const found = async () => (await findings(knownBugs)).find(({ source }) => source === FAST_CYCLE)!;
    assert.is((await found()).severity, 'info');
    await setKeys(redis, 'live', 50, 600_000);
    await setKeys(redis, 'due', 2000, 1);
    await until(async () => (await redis.dbsize()) === 50);
    const felt = await found();
    assert.is(felt.severity, 'warning');
    assert.match(felt.evidence, /and from 1% on it should run: it would delete them sooner\.$/);
  });
});

/** Other versions cannot be had here. */
test('each bug belongs to its versions', async () => {
  await withPatient({}, async ({ facts }) => {
    const real = await facts();
    const bugsOf = (engine: string, version: string) =>
      knownBugs.examine(alteredFacts(real, { engine, version })).map(({ source }) => source);
    for (const version of ['6.0.0', '7.0.15', '8.8.2']) assert.equal(bugsOf('redis', version), [FAST_CYCLE], version);
    for (const version of ['5.0.14', '8.10.0', '8.10.0-rc1', '8.12.1', '255.255.255']) {
      assert.equal(bugsOf('redis', version), [], version);
    }
    assert.equal(bugsOf('redict', '7.3.6'), [FAST_CYCLE]);
    assert.equal(bugsOf('valkey', '8.1.3'), [FAST_CYCLE, CRASH]);
    assert.equal(bugsOf('valkey', '8.1.4'), [FAST_CYCLE]);
    assert.equal(bugsOf('valkey', '8.0.0'), [FAST_CYCLE]);
    assert.equal(bugsOf('keydb', '6.3.4'), []);
  });
});

test.run();
