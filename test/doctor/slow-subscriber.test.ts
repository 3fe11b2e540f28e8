import { once } from 'node:events';
import net from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { slowSubscriber } from '../../src/doctor/rules/slow-subscriber.ts';
import { encodeCommand } from '../../src/redis/resp.ts';
import { alteredFacts } from './altered-facts.ts';
import { until, withPatient } from './patient.ts';

test('a subscriber that has stopped reading; one that reads is well', async () => {
  const limits = { 'client-output-buffer-limit': 'pubsub 64mb 8mb 60' };
  await withPatient(limits, async ({ redis, client, findings, endpoint }) => {
    await client().subscribe('news');
    await redis.publish('news', 'x'.repeat(1_000_000));
    await until(async () => (await findings(slowSubscriber)).length === 0);
    const socket = net.connect({ host: endpoint.host, port: endpoint.port });
    await once(socket, 'connect');
    socket.write(encodeCommand(['CLIENT', 'SETNAME', 'mailer']) + encodeCommand(['SUBSCRIBE', 'news']));
    await until(async () => Number(((await redis.pubsub('NUMSUB', 'news')) as unknown[])[1]) === 2);
    const waiting = async (least: number): Promise<boolean> => {
      await redis.publish('news', 'x'.repeat(1_000_000));
      return Math.max(...(await backlogs())) >= least;
    };
    const backlogs = async (): Promise<number[]> =>
      [...String(await redis.client('LIST')).matchAll(/omem=(\d+)/g)].map(([, bytes]) => Number(bytes));
    await until(() => waiting(4_300_000));
    const [near] = await findings(slowSubscriber);
    assert.is(near!.severity, 'warning');
    assert.match(near!.evidence, /\(mailer\) has [\d.]+ MB waiting, \d\d\.\d% of the least limit/);
    await until(() => waiting(8_400_000));
    assert.is((await findings(slowSubscriber))[0]!.severity, 'error');
    socket.destroy();
  });
});

/** Redis 7.0 does not count them. */
test('connections that were cut off: in the past, and now', async () => {
  await withPatient({}, async ({ facts }) => {
    const real = await facts();
    const settings = { value: new Map([['client-output-buffer-limit', 'pubsub 0 0 0']]) };
    const cut = (count: number) => ({ client_output_buffer_limit_disconnections: String(count) });
    const examined = (before: number, now: number) =>
      slowSubscriber.examine(
        alteredFacts(real, { before: cut(before), now: cut(now), settings, clients: { value: [] } }),
      );
    assert.equal(examined(0, 0), []);
    assert.is(examined(2, 2)[0]!.severity, 'warning');
    assert.is(examined(2, 3)[0]!.severity, 'error');
  });
});

test.run();
