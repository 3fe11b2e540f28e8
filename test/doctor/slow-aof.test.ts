import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Facts } from '../../src/doctor/facts.ts';
import { slowAof } from '../../src/doctor/rules/slow-aof.ts';
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

/** A disk that takes 2 s for an fsync cannot be had: what a server tells is changed in this one figure. */
test('waits for the disk: in the past, and now', async () => {
  await withPatient({ appendonly: 'yes' }, async ({ facts }) => {
    const { endpoint, engine, version, now, configFile } = await facts();
    const delayed = (count: number) => new Map([...now, ['aof_delayed_fsync', String(count)]]);
    const examined = (before: number, after: number) =>
      slowAof.examine(
        new Facts({
          endpoint,
          engine,
          version,
          before: delayed(before),
          now: delayed(after),
          seconds: 1,
          settings: { value: new Map([['appendfsync', 'everysec']]) },
          clients: { refusal: 'not asked' },
          subscribers: { refusal: 'not asked' },
          configFile,
        }),
      );
    assert.equal(examined(0, 0), []);
    assert.is(examined(3, 3)[0]!.severity, 'warning');
    assert.is(examined(3, 4)[0]!.severity, 'error');
  });
});

test.run();
