import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slowAof } from '../../src/doctor/rules/slow-aof.ts';
import { alteredFacts } from './altered-facts.ts';
import { withPatient } from './patient.ts';

test('appendfsync always, on a server with an AOF', async () => {
  await withPatient({ appendonly: 'yes', appendfsync: 'always' }, async ({ redis, findings }) => {
    const [finding] = await findings(slowAof);
    assert.is(finding!.severity, 'info');
    await redis.config('SET', 'appendfsync', 'everysec');
    assert.equal(await findings(slowAof), []);
    await redis.config('SET', 'appendfsync', 'always', 'appendonly', 'no');
    assert.equal(await findings(slowAof), []);
  });
});

/** A disk that takes 2 s for an fsync cannot be had. */
test('waits for the disk: in the past, and now', async () => {
  await withPatient({ appendonly: 'yes' }, async ({ facts }) => {
    const real = await facts();
    const settings = { value: new Map([['appendfsync', 'everysec']]) };
    const delayed = (count: number) => ({ aof_delayed_fsync: String(count) });
    const examined = (before: number, now: number) =>
      slowAof.examine(alteredFacts(real, { before: delayed(before), now: delayed(now), settings }));
    assert.equal(examined(0, 0), []);
    assert.is(examined(3, 3)[0]!.severity, 'warning');
    assert.is(examined(3, 4)[0]!.severity, 'error');
  });
});

test.run();
