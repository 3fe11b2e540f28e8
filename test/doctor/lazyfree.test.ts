import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lazyfree } from '../../src/doctor/rules/lazyfree.ts';
import { alteredFacts } from './altered-facts.ts';
import { setKeys, withPatient } from './patient.ts';

async function setHash(redis: Redis, key: string, fields: number): Promise<void> {
  await redis.hset(key, Object.fromEntries(Array.from({ length: fields }, (_, i) => [`field${i}`, 'x'.repeat(40)])));
  await redis.expire(key, 600);
}

test('large values that the main thread frees; small ones, and lazyfree, are well', async () => {
  await withPatient({ 'lazyfree-lazy-expire': 'no' }, async ({ redis, findings }) => {
    await setKeys(redis, 'session', 1000, 600_000, 'x'.repeat(500));
    assert.equal(await findings(lazyfree), []);
    await redis.flushall();
    for (const key of ['a', 'b', 'c']) await setHash(redis, key, 2000);
    const [finding] = await findings(lazyfree);
    assert.is(finding!.severity, 'warning');
    assert.match(finding!.commands![0]!, /CONFIG SET lazyfree-lazy-expire yes$/);
    await redis.config('SET', 'lazyfree-lazy-expire', 'yes');
    assert.equal(await findings(lazyfree), []);
  });
});

/** What waits for a thread is gone before it can be seen. */
test('values that are deleted and not freed yet, and no fewer than before', async () => {
  await withPatient({}, async ({ facts }) => {
    const real = await facts();
    const settings = { value: new Map([['lazyfree-lazy-expire', 'yes']]) };
    const pending = (count: number) => ({ lazyfree_pending_objects: String(count) });
    const examined = (before: number, now: number) =>
      lazyfree.examine(alteredFacts(real, { before: pending(before), now: pending(now), settings }));
    assert.equal(examined(0, 0), []);
    assert.equal(examined(20, 10), []);
    assert.is(examined(10, 20)[0]!.severity, 'info');
  });
});

test.run();
