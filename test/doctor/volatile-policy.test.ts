import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { volatilePolicy } from '../../src/doctor/rules/volatile-policy.ts';
import { setKeys, withPatient } from './patient.ts';

test('no key with a TTL, few, enough; and another policy', async () => {
  const settings = { maxmemory: '64mb', 'maxmemory-policy': 'volatile-lru' };
  await withPatient(settings, async ({ redis, findings }) => {
    assert.equal(await findings(volatilePolicy), []);
    await setKeys(redis, 'data', 90, null);
    const [none] = await findings(volatilePolicy);
    assert.match(none!.title, 'volatile-lru can evict nothing');
    assert.match(none!.evidence, '0% of 90 keys have a TTL');
    await setKeys(redis, 'session', 9, 600_000);
    assert.match((await findings(volatilePolicy))[0]!.title, 'volatile-lru can evict few keys');
    await redis.set('session9', '', 'EX', 600);
    assert.equal(await findings(volatilePolicy), []);
    await redis.del('session9');
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    assert.equal(await findings(volatilePolicy), []);
  });
});

test.run();
