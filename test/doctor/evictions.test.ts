import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evictions } from '../../src/doctor/rules/evictions.ts';
import { setKeys, until, withPatient } from './patient.ts';

test('evicting now, evicted once, never; and the dead meanwhile', async () => {
  const settings = { maxmemory: '4mb', 'maxmemory-policy': 'allkeys-lru' };
  await withPatient(settings, async ({ redis, findings }) => {
    await setKeys(redis, 'session', 100, 600_000);
    assert.equal(await findings(evictions), []);
    await setKeys(redis, 'due', 200, 1);
    await until(async () => (await redis.dbsize()) <= 120);
    const [now] = await findings(evictions, async () => {
      await setKeys(redis, 'many', 20_000, 600_000, 'x'.repeat(200));
    });
    assert.is(now!.severity, 'error');
    assert.match(now!.title, 'allkeys-lru evicts keys while dead sessions are in memory');
    assert.match(now!.evidence, /about [\d,]+ in all by its model/);
    assert.match(now!.evidence, /[\d,]+ evicted since the start, [\d,]+ in the last/);
    assert.match(now!.commands!.join('\n'), 'active-expire-effort 10');
    const [once] = await findings(evictions);
    assert.is(once!.severity, 'warning');
    const [reset] = await findings(evictions, async () => {
      await redis.config('RESETSTAT');
      await setKeys(redis, 'more', 2_000, 600_000, 'x'.repeat(200));
    });
    const [, total, recently] = /^([\d,]+) evicted since the start, ([\d,]+) in the last/.exec(reset!.evidence)!;
    assert.is(recently, total, 'a count that was reset between the looks has grown since then');
    await redis.config('SET', 'maxmemory', '0');
    assert.equal(await findings(evictions), []);
  });
});

test.run();
