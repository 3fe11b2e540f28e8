import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { notifyFlags } from '../../src/doctor/rules/notify-flags.ts';
import { withPatient } from './patient.ts';

test('no flags: a warning, an error where somebody waits for the events; the command mends it', async () => {
  await withPatient({}, async ({ redis, client, findings, endpoint }) => {
    const [quiet] = await findings(notifyFlags);
    assert.is(quiet!.severity, 'warning');
    assert.match(quiet!.evidence, 'notify-keyspace-events is "" and lacks E, x.');
    const end = ` -p ${endpoint.port} CONFIG SET notify-keyspace-events Ex`;
    assert.ok(quiet!.commands![0]!.endsWith(end), quiet!.commands![0]);
    await client().subscribe('__keyevent@0__:expired');
    const [waiting] = await findings(notifyFlags);
    assert.is(waiting!.severity, 'error');
    assert.match(waiting!.evidence, 'Subscribed to __keyevent@0__:expired all the same: 1.');
    await redis.config('SET', 'notify-keyspace-events', 'Ex');
    assert.equal(await findings(notifyFlags), []);
  });
});

test('keyspace channels will do, and A; flags that are set are kept', async () => {
  await withPatient({ 'notify-keyspace-events': 'KA' }, async ({ redis, findings }) => {
    assert.equal(await findings(notifyFlags), []);
    await redis.config('SET', 'notify-keyspace-events', 'Kg');
    const [finding] = await findings(notifyFlags);
    assert.match(finding!.evidence, 'lacks x.');
    assert.match(finding!.commands![0]!, /notify-keyspace-events [Kgx]{3}$/);
  });
});

test('without e, where keys may be evicted: they vanish in silence', async () => {
  await withPatient({ 'notify-keyspace-events': 'Ex', maxmemory: '1gb' }, async ({ redis, findings }) => {
    assert.equal(await findings(notifyFlags), []);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const [finding] = await findings(notifyFlags);
    assert.match(finding!.title, 'Evicted sessions vanish without an event');
    assert.match(finding!.commands![0]!, /notify-keyspace-events [Exe]{3}$/);
  });
});

test.run();
