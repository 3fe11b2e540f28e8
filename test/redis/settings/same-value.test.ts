import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isAsAsked, settingBytes } from '../../../src/redis/settings/same-value.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';

let server: TestRedis;
test.before(async () => {
  server = await startRedis();
});
test.after(() => server.stop());

const TAKEN: [setting: string, asked: string][] = [
  ['maxmemory', '100mb'],
  ['maxmemory', '100m'],
  ['maxmemory', '1GB'],
  ['maxmemory', '0'],
  ['lazyfree-lazy-expire', 'YES'],
  ['maxmemory-policy', 'Volatile-TTL'],
  ['notify-keyspace-events', 'Ex'],
  ['notify-keyspace-events', 'Eg$lshzxetd'],
  ['notify-keyspace-events', ''],
  ['save', ''],
  ['save', '900 1 300 10'],
  ['client-output-buffer-limit', 'pubsub 1mb 512kb 60'],
  ['client-output-buffer-limit', 'replica 2mb 1mb 60 pubsub 0 0 0'],
  ['hz', '50'],
];

test('what a server prints of a value that it took is as asked', async () => {
  const client = server.client();
  for (const [setting, asked] of TAKEN) {
    await client.config('SET', setting, asked);
    const [, found] = (await client.config('GET', setting)) as string[];
    assert.ok(isAsAsked(setting, asked, found!), `${setting} ${asked}: ${found}`);
  }
});

test('another value is not', async () => {
  const client = server.client();
  await client.config('SET', 'hz', '700');
  const others: [setting: string, asked: string][] = [
    ['hz', '700'],
    ['maxmemory', '100mb'],
    ['notify-keyspace-events', 'Ex'],
    ['save', '900 1'],
    ['client-output-buffer-limit', 'pubsub 1mb 1mb 61'],
    ['client-output-buffer-limit', 'normal 1 0 0'],
  ];
  await client.config('SET', 'save', '');
  await client.config('SET', 'maxmemory', '100m');
  await client.config('SET', 'notify-keyspace-events', 'Exg');
  for (const [setting, asked] of others) {
    const [, found] = (await client.config('GET', setting)) as string[];
    assert.not.ok(isAsAsked(setting, asked, found!), `${setting} ${asked}: ${found}`);
  }
});

test('sizes as redis.conf has them', () => {
  const sizes = ['0', '5b', '1k', '1kb', '2m', '2MB', '3g', '3gb', '1tb', 'mb', '-1', '1.5mb', ''].map(settingBytes);
  assert.equal(sizes, [0, 5, 1000, 1024, 2e6, 2 ** 21, 3e9, 3 * 2 ** 30, null, null, null, null, null]);
});

test.run();
