import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { burst } from '../../src/doctor/rules/burst.ts';
import { setKeys, withPatient } from './patient.ts';

const settings = { 'notify-keyspace-events': 'Ex', 'client-output-buffer-limit': 'pubsub 64kb 32kb 60' };

test('more sessions than a buffer holds events; the command makes room', async () => {
  await withPatient(settings, async ({ redis, findings }) => {
    await setKeys(redis, 's', 736, 600_000);
    assert.equal(await findings(burst), []);
    await redis.set('one-more', '', 'EX', 600);
    const [finding] = await findings(burst);
    assert.match(finding!.title, '736 expiries at once cut a subscriber off, and 737 keys have a TTL');
    const [, value] = /client-output-buffer-limit '(.*)'$/.exec(finding!.commands![0]!)!;
    await redis.config('SET', 'client-output-buffer-limit', value!);
    assert.equal(await findings(burst), []);
  });
});

test('no event, no burst; no limit, no cut', async () => {
  await withPatient(settings, async ({ redis, findings }) => {
    await setKeys(redis, 's', 1000, 600_000);
    assert.is((await findings(burst)).length, 1);
    await redis.config('SET', 'notify-keyspace-events', '');
    assert.equal(await findings(burst), []);
    await redis.config('SET', 'notify-keyspace-events', 'Ex', 'client-output-buffer-limit', 'pubsub 0 0 0');
    assert.equal(await findings(burst), []);
  });
});

test.run();
