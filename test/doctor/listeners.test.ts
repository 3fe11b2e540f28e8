import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listeners } from '../../src/doctor/rules/listeners.ts';
import { withPatient } from './patient.ts';

test('events that nobody hears; a subscriber or a pattern will do', async () => {
  await withPatient({ 'notify-keyspace-events': 'Ex' }, async ({ client, findings, redis }) => {
    const [finding] = await findings(listeners);
    assert.is(finding!.severity, 'info');
    const subscriber = client();
    await subscriber.subscribe('__keyevent@0__:expired');
    assert.equal(await findings(listeners), []);
    await subscriber.unsubscribe();
    assert.is((await findings(listeners)).length, 1);
    await subscriber.psubscribe('__key*');
    assert.equal(await findings(listeners), []);
    await subscriber.punsubscribe();
    await redis.config('SET', 'notify-keyspace-events', '');
    assert.equal(await findings(listeners), []);
  });
});

test('on a node of a cluster they are lost: a warning', async () => {
  await withPatient({ 'notify-keyspace-events': 'Ex', 'cluster-enabled': 'yes' }, async ({ findings }) => {
    assert.is((await findings(listeners))[0]!.severity, 'warning');
  });
});

test.run();
