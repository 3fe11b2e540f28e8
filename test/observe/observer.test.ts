import type { ChainableCommander } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { monotonicMs } from '../../src/redis/monotonic.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { endsWith, FENCE, type Listener, listen, PREFIX } from './listener.ts';

let server: TestRedis;
let listener: Listener | null = null;

test.before(async () => {
  server = await startRedis(['--notify-keyspace-events', 'Exen', '--hz', '100']);
});
test.after.each(async () => {
  await listener?.observer.stop();
  listener = null;
});
test.after(() => server.stop());

test("expirations that the server's cycle finds are heard with their index, canaries and foreign keys apart", async () => {
  listener = await listen([server.endpoint], ['expired']);
  const redis = server.client();
  const sentMs = monotonicMs();
  const keys = ['s0', 's41', 's4294967294', 'c7', 's12x', 's007', 'other'].map((name) => PREFIX + name);
  await Promise.all([...keys, 'someone:else'].map((key) => redis.set(key, 'x', 'PX', 20)));
  await listener.until((told) => told.length === keys.length + 1);
  assert.equal(listener.told.toSorted(), [
    '0 expired canary 7',
    ...Array(4).fill('0 expired foreign 0'),
    '0 expired session 0',
    '0 expired session 41',
    '0 expired session 4294967294',
  ]);
  for (const arrivalMs of listener.timesMs) {
    assert.ok(arrivalMs >= sentMs + 20 && arrivalMs <= monotonicMs(), `${arrivalMs - sentMs} ms after sending`);
  }
});

test('events and fences are heard in the order in which the server executed their causes', async () => {
  listener = await listen([server.endpoint]);
  // Servers differ in what they tell of a key that is past its deadline from the start: the first shows it.
  const causes = (redis: ChainableCommander, index: number) =>
    redis.set(`${PREFIX}s${index}`, 'x', 'PXAT', 1).get(`${PREFIX}s${index}`).publish(FENCE, String(index));
  await causes(server.client().pipeline(), 0).exec();
  await listener.until(endsWith('0 fence fence 0'));
  const events = [...listener.told];
  const redis = server.client().pipeline();
  const expected = [...events];
  for (let index = 1; index < 2000; index++) {
    causes(redis, index);
    expected.push(...events.map((event) => event.replace(/0$/, String(index))));
  }
  await redis.exec();
  await listener.until((told) => told.length === expected.length);
  assert.equal(listener.told, expected);
  assert.equal(
    listener.timesMs,
    listener.timesMs.toSorted((a, b) => a - b),
  );
});

test('evictions are heard', async () => {
  listener = await listen([server.endpoint], ['evicted']);
  const redis = server.client();
  for (let index = 0; index < 50; index++) await redis.set(`${PREFIX}s${index}`, 'x', 'EX', 1000);
  await redis.config('SET', 'maxmemory-policy', 'volatile-ttl');
  await redis.config('SET', 'maxmemory', '1');
  await listener.until((told) => told.length === 50);
  await redis.config('SET', 'maxmemory', '0');
  assert.equal(listener.told.toSorted(), [...Array(50).keys()].map((index) => `0 evicted session ${index}`).toSorted());
});

test('a payload on the fence channel that is no fence of ours is foreign', async () => {
  listener = await listen([server.endpoint], ['expired']);
  const redis = server.client();
  for (const payload of ['hello', '', '4294967296', '1']) await redis.publish(FENCE, payload);
  await listener.until(endsWith('0 fence fence 1'));
  assert.equal(listener.told, [...Array(3).fill('0 fence foreign 0'), '0 fence fence 1']);
});

test('only the database of the endpoint is heard', async () => {
  listener = await listen([{ ...server.endpoint, db: 3 }], ['new']);
  await server.client().set(`${PREFIX}s1`, 'x');
  await server.client({ db: 3 }).set(`${PREFIX}s3`, 'x');
  await server.client().publish(FENCE, '1');
  await listener.until(endsWith('0 fence fence 1'));
  assert.equal(listener.told, ['0 new session 3', '0 fence fence 1']);
});

test('several primaries are heard, each under its position, by TCP and by Unix socket', async () => {
  const other = await startRedis();
  try {
    listener = await listen([server.endpoint, { ...other.endpoint, path: other.path }], ['expired']);
    await server.client().publish(FENCE, '5');
    await other.client().publish(FENCE, '6');
    await listener.until((told) => told.length === 2);
    assert.equal(listener.told.toSorted(), ['0 fence fence 5', '1 fence fence 6']);
  } finally {
    await listener?.observer.stop();
    await other.stop();
  }
});

test('the report counts all messages and bytes', async () => {
  listener = await listen([server.endpoint], ['expired']);
  await server.client().publish(FENCE, '1');
  await listener.until(endsWith('0 fence fence 1'));
  const before = await listener.observer.report();
  const redis = server.client().pipeline();
  for (let sequence = 1; sequence <= 1000; sequence++) redis.publish(FENCE, String(1000 + sequence));
  await redis.exec();
  await listener.until(endsWith('0 fence fence 2000'));
  const after = await listener.observer.report();
  const bytes = `*3\r\n$7\r\nmessage\r\n$${FENCE.length}\r\n${FENCE}\r\n$4\r\n1234\r\n`.length;
  assert.is(after.messages - before.messages, 1000);
  assert.is(after.bytes - before.bytes, 1000 * bytes);
  const { p50Ms, p99Ms, maxMs } = after.eventLoopDelay;
  assert.ok(0 <= p50Ms && p50Ms <= p99Ms && p99Ms <= maxMs, JSON.stringify(after));
});

test.run();
