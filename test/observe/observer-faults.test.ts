import { once } from 'node:events';
import net from 'node:net';
import type { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { ReplyError } from '../../src/redis/resp.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { endsWith, FENCE, type Listener, listen } from './listener.ts';

const PASSWORD = 'tr0ub4dor&3';
let server: TestRedis;
let listener: Listener | null = null;

test.before.each(async () => {
  server = await startRedis();
});
test.after.each(async () => {
  await listener?.observer.stop();
  listener = null;
  await server.stop();
});

/** Publishes a fence and waits until it is heard, as the last of all. */
async function hearFence(sequence: number): Promise<void> {
  await server.client().publish(FENCE, String(sequence));
  await listener!.until(endsWith(`0 fence fence ${sequence}`));
}

async function refusal(endpoints: Endpoint[]): Promise<Error> {
  return listen(endpoints).then(
    async ({ observer }) => {
      await observer.stop();
      throw new Error('it started');
    },
    (error: Error) => error,
  );
}

test('a subscription that the server kills is told cut, and restored', async () => {
  listener = await listen([server.endpoint]);
  const redis = server.client();
  for (let kill = 1; kill <= 3; kill++) {
    assert.is(await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub'), 1);
    await listener.until(endsWith('0 restored'));
    await hearFence(kill);
  }
  const expected = [1, 2, 3].flatMap((kill) => ['0 cut', '0 restored', `0 fence fence ${kill}`]);
  assert.equal(listener.told, expected);
  assert.equal(
    listener.timesMs,
    listener.timesMs.toSorted((a, b) => a - b),
  );
  assert.match(listener.reasons[0]!, /closed|ECONNRESET/);
});

test('an overrun of its output buffer is a cut, and what is heard before it has no hole', async () => {
  listener = await listen([server.endpoint]);
  const redis = server.client();
  await redis.config('SET', 'client-output-buffer-limit', 'pubsub 64kb 0 0');
  const flood = `for i = 1, 20000 do redis.call('PUBLISH', KEYS[1], i) end`;
  await redis.eval(flood, 1, FENCE);
  await listener.until(endsWith('0 restored'));
  const heard = listener.told.slice(0, -2);
  assert.equal(listener.told.slice(-2), ['0 cut', '0 restored']);
  assert.equal(
    heard,
    heard.map((_, i) => `0 fence fence ${i + 1}`),
  );
});

test('a server that ended is told cut, and restored when it is there again', async () => {
  listener = await listen([server.endpoint]);
  await server.stop();
  await listener.until(endsWith('0 cut'));
  server = await startRedis([], server.endpoint.port);
  await listener.until(endsWith('0 restored'));
  await hearFence(1);
  assert.equal(listener.told, ['0 cut', '0 restored', '0 fence fence 1']);
});

test('a server that refuses for a while after a cut does not end the attempts, and is told cut once', async () => {
  listener = await listen([server.endpoint]);
  const redis = server.client();
  await redis.config('SET', 'requirepass', PASSWORD);
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await listener.until(endsWith('0 cut'));
  const refusedTwice = async () => /errorstat_NOAUTH:count=([2-9]|\d\d)/.test(await redis.info('errorstats'));
  while (!(await refusedTwice()));
  await redis.config('SET', 'requirepass', '');
  await listener.until(endsWith('0 restored'));
  assert.equal(listener.told, ['0 cut', '0 restored']);
});

test('one of several primaries that is cut leaves the others', async () => {
  const other = await startRedis();
  try {
    listener = await listen([server.endpoint, other.endpoint]);
    await other.stop();
    await listener.until(endsWith('1 cut'));
    await hearFence(1);
    assert.equal(listener.told, ['1 cut', '0 fence fence 1']);
  } finally {
    await other.stop();
  }
});

test('a user who may subscribe and nothing else will do; one who may not is refused with NOPERM', async () => {
  const redis = server.client();
  const rights = ['on', `>${PASSWORD}`, 'resetchannels', '&__keyevent@0__:*', '&ttlscope:*', '-@all', '+subscribe'];
  await redis.acl('SETUSER', 'watcher', ...rights);
  await redis.acl('SETUSER', 'deaf', ...rights, '-subscribe');
  await redis.acl('SETUSER', 'elsewhere', ...rights, 'resetchannels', '&news');
  const as = (username: string) => ({ ...server.endpoint, username, password: PASSWORD });
  for (const username of ['deaf', 'elsewhere']) {
    const error = await refusal([server.endpoint, as(username)]);
    assert.instance(error, ReplyError);
    assert.is((error as ReplyError).code, 'NOPERM');
  }
  listener = await listen([as('watcher')]);
  await hearFence(1);
});

test('a wrong password is refused, and not told', async () => {
  await server.client().config('SET', 'requirepass', PASSWORD);
  const error = await refusal([{ ...server.endpoint, password: `not-${PASSWORD}` }]);
  assert.is((error as ReplyError).code, 'WRONGPASS');
  assert.not(error.message.includes(PASSWORD));
});

test('start rejects when there is no server, or none that can be used', async () => {
  assert.match((await refusal([{ ...server.endpoint, port: await freePort() }])).message, 'ECONNREFUSED');
  assert.match((await refusal([null as unknown as Endpoint])).message, 'the observer failed');
});

const asMessage = (payload: string): string =>
  `*3\r\n$7\r\nmessage\r\n$${FENCE.length}\r\n${FENCE}\r\n$${payload.length}\r\n${payload}\r\n`;

/** Listens to a server that confirms the subscription and then does `then` with its socket. */
async function listenToFake(then: (socket: net.Socket) => void): Promise<void> {
  const fake = net.createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (data) => {
        if (data.includes('PING')) socket.write('+OK\r\n+PONG\r\n');
        if (!data.includes('SUBSCRIBE')) return;
        for (const channel of ['__keyevent@0__:expired', FENCE]) {
          socket.write(`*3\r\n$9\r\nsubscribe\r\n$${channel.length}\r\n${channel}\r\n:1\r\n`);
        }
        then(socket);
      });
  });
  await once(fake.listen(0, '127.0.0.1'), 'listening');
  listener = await listen([{ ...server.endpoint, port: (fake.address() as net.AddressInfo).port }], ['expired']);
  await listener.until(endsWith('0 restored'));
  await listener.observer.stop();
  fake.close();
}

test('bytes that are no RESP cut the connection, after what came before them', async () => {
  await listenToFake((socket) => socket.write(`${asMessage('9')}<html>`));
  assert.equal(listener!.told.slice(0, 3), ['0 fence fence 9', '0 cut', '0 restored']);
  assert.match(listener!.reasons[0]!, 'a subscription got');
});

test("the server's error cuts the connection, after what came before it", async () => {
  await listenToFake((socket) => socket.write(`${asMessage('9')}-ERR enough\r\n`));
  assert.equal(listener!.told.slice(0, 3), ['0 fence fence 9', '0 cut', '0 restored']);
  assert.is(listener!.reasons[0], 'ERR enough');
});

test('all that the server sent before it closed is heard, before the cut', async () => {
  const sequences = Array.from({ length: 50_000 }, (_, i) => String(i));
  await listenToFake((socket) => socket.end(sequences.map(asMessage).join('')));
  const heard = listener!.told.slice(0, listener!.told.indexOf('0 cut'));
  assert.equal(
    heard,
    sequences.map((sequence) => `0 fence fence ${sequence}`),
  );
});

test('the end of the thread is a cut of every node for good, not an unhandled error', async () => {
  let worker: Worker | null = null;
  process.once('worker', (spawned) => {
    worker = spawned;
  });
  listener = await listen([server.endpoint, { ...server.endpoint, path: server.path }]);
  const report = listener.observer.report();
  await worker!.terminate();
  await listener.until((told) => told.length === 2);
  assert.equal(listener.told.toSorted(), ['0 cut', '1 cut']);
  assert.match(listener.reasons[0]!, 'the observer ended');
  await report.catch(() => {});
  await listener.observer.report().then(
    () => assert.unreachable(),
    (error) => assert.match(error.message, 'the observer ended'),
  );
});

test('stop ends the thread though the server hangs, more than once, and nothing is told afterwards', async () => {
  listener = await listen([server.endpoint]);
  process.kill(server.pid, 'SIGSTOP');
  try {
    await Promise.all([listener.observer.stop(), listener.observer.stop()]);
    await listener.observer.stop();
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  const clients = String(await server.client().client('LIST'));
  assert.not.match(clients, 'ttlscope-observer');
  assert.equal(listener.told, []);
});

test.run();
