import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearlyFull } from '../../src/doctor/rules/nearly-full.ts';
import { setKeys, withPatient } from './patient.ts';

test('room enough, hardly any, and what comes next by the policy', async () => {
  await withPatient({ maxmemory: '64mb' }, async ({ redis, findings }) => {
    const titles = async (): Promise<string[]> => (await findings(nearlyFull)).map(({ title }) => title);
    await setKeys(redis, 'lasting', 100, null, 'x'.repeat(10_000));
    assert.equal(await titles(), []);
    const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))![1]);
    await redis.config('SET', 'maxmemory', String(Math.round(used / 0.93)));
    const [finding] = await findings(nearlyFull);
    assert.is(finding!.severity, 'warning');
    assert.match(finding!.title, 'the next sessions are refused');
    assert.match(finding!.evidence, /^9[0-9.]+% of [\d.]+ MB is used; maxmemory-policy noeviction/);
    assert.match(finding!.commands!.join('\n'), /CONFIG SET maxmemory \d+$/);
    await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
    assert.match((await titles()).join(), 'are refused', 'there is nothing to evict');
    await redis.set('session', '', 'EX', 600);
    assert.match((await titles()).join(), 'push out others');
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    assert.match((await titles()).join(), 'push out others');
    await redis.config('SET', 'maxmemory', '0');
    assert.equal(await titles(), []);
  });
});

test.run();
