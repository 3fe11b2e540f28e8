import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predictLargest } from '../../src/doctor/cycle-prediction.ts';
import { Untold } from '../../src/doctor/facts.ts';
import { expiryLag } from '../../src/doctor/rules/expiry-lag.ts';
import { alteredFacts } from './altered-facts.ts';
import { setKeys, withPatient } from './patient.ts';

test('many live keys at the defaults are late, few are not; the commands mend it', async () => {
  await withPatient({}, async ({ redis, findings }) => {
    await setKeys(redis, 'few', 1000, 600_000);
    assert.equal(await findings(expiryLag), []);
    await setKeys(redis, 'many', 20_000, 600_000);
    const [finding] = await findings(expiryLag);
    assert.is(finding!.severity, 'warning');
    assert.match(finding!.evidence, 'db0 has 21,000 keys with a TTL, none has expired; hz 10, active-expire-effort 1.');
    for (const command of finding!.commands!) {
      const [setting, value] = command.split(' ').slice(-2);
      await redis.config('SET', setting!, value!);
    }
    assert.equal(await findings(expiryLag), []);
  });
});

test('the sweep of a database is its own: the largest decides', async () => {
  await withPatient({}, async ({ redis, findings }) => {
    for (const db of [1, 2, 3]) {
      await redis.select(db);
      await setKeys(redis, 'k', 1500, 600_000);
    }
    assert.equal(await findings(expiryLag), []);
    await setKeys(redis, 'more', 4000, 600_000);
    assert.match((await findings(expiryLag))[0]!.evidence, /^db3 has 5,500 keys/);
  });
});

test('where no setting will do it says so', async () => {
  await withPatient({ hz: '100', 'active-expire-effort': '10' }, async ({ redis, findings }) => {
    await setKeys(redis, 'k', 100_000, 600_000);
    const [finding] = await findings(expiryLag);
    assert.is(finding!.commands, undefined);
    assert.match(finding!.remedy, /^No hz up to 100 with any effort/);
  });
});

test('more than the cycle can delete is said to pile up, without a figure that has no end', async () => {
  await withPatient({}, async ({ redis, facts }) => {
    await setKeys(redis, 'k', 1000, 600_000);
    const flooded = alteredFacts(await facts(), {
      before: { expired_keys: '0' },
      now: { expired_keys: '5000000000', uptime_in_seconds: '1' },
      settings: { value: new Map([['active-expire-effort', '1']]) },
    });
    const [finding] = expiryLag.examine(flooded);
    assert.match(finding!.title, /dead ones pile up/);
    assert.match(finding!.evidence, 'it falls behind further and further');
    assert.not.match(JSON.stringify(finding), /Infinity|NaN|null/);
  });
});

test('a server of another cycle is not judged by this model', async () => {
  await withPatient({}, async ({ redis, facts }) => {
    await setKeys(redis, 'k', 100, 600_000);
    const other = alteredFacts(await facts(), {
      engine: 'keydb',
      version: '6.3.4',
      settings: { value: new Map([['active-expire-effort', '1']]) },
    });
    assert.throws(
      () => expiryLag.examine(other),
      (error: Error) => error instanceof Untold && /not of the expire cycle of keydb 6\.3\.4/.test(error.message),
    );
  });
});

test('Valkey from 8.1 on is sooner round: its loops end with buckets of seven keys', async () => {
  await withPatient({}, async ({ redis, facts }) => {
    await setKeys(redis, 'k', 11_000, 600_000);
    const asked = await facts();
    const settings = { value: new Map([['active-expire-effort', '1']]) };
    const sweepSeconds = (engine: string, version: string): number =>
      predictLargest(alteredFacts(asked, { engine, version, settings }))!.prediction.sweepSeconds;
    assert.ok(sweepSeconds('valkey', '8.1.4') < 0.9 * sweepSeconds('valkey', '8.0.6'));
    assert.is(sweepSeconds('valkey', '8.0.6'), sweepSeconds('redis', '8.0.3'));
  });
});

test.run();
