import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { type ConnectOptions, connect } from '../../src/redis/connect.ts';
import { type Endpoint, parseEndpoint } from '../../src/redis/endpoint.ts';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { answering, startScripted } from './scripted-server.ts';

const PASSWORD = 'c0rrect horse';
const NAME = 'ttlscope-test';

/** The refusal, which says where, and never the password. */
async function refusal(endpoint: Endpoint, options: Partial<ConnectOptions> = {}): Promise<ServerUnusable> {
  try {
    const redis = await connect(endpoint, { name: NAME, ...options });
    redis.disconnect();
  } catch (error) {
    assert.instance(error, ServerUnusable);
    const { message, remedy } = error as ServerUnusable;
    assert.match(message, /^(rediss?|unix):\/\//);
    assert.ok(remedy.length > 0);
    const { password } = endpoint;
    if (password) {
      for (const secret of [password, encodeURIComponent(password)]) {
        assert.not.match(message, secret);
        assert.not.match(remedy, secret);
      }
    }
    return error as ServerUnusable;
  }
  throw new Error('it let us in');
}

async function withRedis(args: readonly string[], use: (server: TestRedis) => Promise<void>): Promise<void> {
  const server = await startRedis(args);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

async function assertLetIn(endpoint: Endpoint): Promise<void> {
  const redis = await connect(endpoint, { name: NAME });
  assert.is(await redis.ping(), 'PONG');
  assert.match(await redis.client('INFO'), ` name=${NAME} `);
  assert.match(await redis.client('INFO'), ` db=${endpoint.db} `);
  redis.disconnect();
}

test('by TCP, by a Unix socket, into a database, with a password, as a user', async () => {
  await withRedis(['--requirepass', PASSWORD], async (server) => {
    const own = { password: PASSWORD };
    await server.client(own).call('ACL', 'SETUSER', 'alice', 'on', '>wonder/land', '+@all');
    await assertLetIn({ ...server.endpoint, ...own });
    await assertLetIn({ ...server.endpoint, ...own, db: 3 });
    await assertLetIn({ host: '', port: 0, path: server.path, tls: false, db: 2, ...own });
    await assertLetIn({ ...server.endpoint, username: 'alice', password: 'wonder/land' });
    await assertLetIn(parseEndpoint(`redis://:${encodeURIComponent(PASSWORD)}@localhost:${server.endpoint.port}`));
  });
});

test('a user who may neither PING nor name the connection is let in', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    await client().call('ACL', 'SETUSER', 'mute', 'on', 'nopass', '+get');
    const redis = await connect({ ...endpoint, username: 'mute', password: 'any' }, { name: NAME });
    assert.match(await redis.ping().catch(String), 'NOPERM');
    redis.disconnect();
  });
});

test('the connection is not made anew once it is lost, and its commands fail', async () => {
  await withRedis([], async (server) => {
    const redis = await connect(server.endpoint, { name: NAME });
    const ended = once(redis, 'end');
    await server.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await ended;
    assert.instance(await redis.ping().catch((error: Error) => error), Error);
    assert.is(redis.status, 'end');
  });
});

test('the trial of the endpoint is closed before the connection is handed out', async () => {
  await withRedis([], async ({ endpoint }) => {
    const redis = await connect(endpoint, { name: NAME });
    assert.match(await redis.info('clients'), 'connected_clients:1\r\n');
    redis.disconnect();
  });
});

test('nothing listens', async () => {
  const port = await freePort();
  const { message, remedy } = await refusal({ host: '127.0.0.1', port, tls: false, db: 0 });
  assert.is(message, `redis://127.0.0.1:${port}/0: nothing listens there`);
  assert.match(remedy, `redis-server --port ${port}`);
  const twoAddresses = await refusal({ host: 'localhost', port, tls: false, db: 0 });
  assert.match(twoAddresses.message, 'nothing listens there');
});

test('no Unix socket of that name', async () => {
  const { message, remedy } = await refusal(parseEndpoint('unix:///nowhere/redis.sock?db=1'));
  assert.is(message, 'unix:///nowhere/redis.sock?db=1: nothing listens there');
  assert.match(remedy, 'redis-server --unixsocket /nowhere/redis.sock');
});

test('no such host', async () => {
  const host = `${'n'.repeat(64)}.invalid`; // a label so long that no name server is asked
  const { message, remedy } = await refusal(parseEndpoint(`redis://:secret@${host}:6379`));
  assert.match(message, `redis://:***@${host}:6379/0: no host of that name`);
  assert.match(remedy, 'URL');
});

test('a port that accepts and never answers', async () => {
  const server = await startScripted(() => {});
  const { message, remedy } = await refusal(server.endpoint, { connectLimitMs: 100 });
  assert.match(message, 'no answer within 0.1 s');
  assert.match(remedy, 'firewall');
  server.stop();
});

test('a server that is stopped', async () => {
  await withRedis([], async ({ endpoint, pid }) => {
    process.kill(pid, 'SIGSTOP');
    assert.match((await refusal(endpoint, { connectLimitMs: 100 })).message, 'no answer within 0.1 s');
  });
});

test('a wrong password, an unknown user, a missing password, and one too many', async () => {
  await withRedis(['--requirepass', PASSWORD], async ({ endpoint }) => {
    const wrong = await refusal({ ...endpoint, password: 'letmein/please' });
    assert.match(wrong.message, 'does not accept the password of the user "default"');
    assert.match(wrong.remedy, 'in the URL');
    const unknown = await refusal({ ...endpoint, username: 'bob', password: PASSWORD });
    assert.match(unknown.message, 'the user "bob", or has no such user');
    const missing = await refusal(endpoint);
    assert.match(missing.message, 'it asks for a password');
    assert.match(missing.remedy, 'redis://:PASSWORD@host');
  });
  await withRedis([], async ({ endpoint }) => {
    const { message, remedy } = await refusal({ ...endpoint, password: PASSWORD });
    assert.match(message, 'it has no password, but the URL gives one');
    assert.match(remedy, 'leave the password out');
  });
});

test('a database that is not there, and one that the user may not choose', async () => {
  await withRedis(['--databases', '4'], async ({ endpoint, client }) => {
    await client().call('ACL', 'SETUSER', 'clerk', 'on', 'nopass', '+ping');
    assert.match((await refusal({ ...endpoint, db: 4 })).message, 'it has no database 4');
    const { message, remedy } = await refusal({ ...endpoint, username: 'clerk', password: 'any', db: 1 });
    assert.match(message, 'the user "clerk" may not choose database 1');
    assert.match(remedy, `redis-cli -h 127.0.0.1 -p ${endpoint.port} ACL SETUSER clerk +select`);
  });
});

test('protected mode', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
  const check = ({ message, remedy }: ServerUnusable, port: number): void => {
    assert.match(message, 'it is in protected mode');
    assert.match(remedy, `redis-cli -h 127.0.0.1 -p ${port} CONFIG SET protected-mode no`);
  };
  if (outside !== undefined) {
    await withRedis(['--bind', '*', '--protected-mode', 'yes'], async ({ endpoint }) => {
      check(await refusal({ ...endpoint, host: outside }), endpoint.port);
    });
  }
  for (const close of ['end', 'resetAndDestroy'] as const) {
    const server = await startScripted((socket) => {
      socket.write('-DENIED Redis is running in protected mode because protected mode is enabled.\r\n');
      if (close === 'end') socket.end();
      else socket.once('data', () => socket.resetAndDestroy());
    });
    check(await refusal(server.endpoint), server.endpoint.port);
    server.stop();
  }
});

test('a server that takes no more connections', async () => {
  await withRedis(['--maxclients', '1'], async (server) => {
    await server.client().ping();
    const { message, remedy } = await refusal(server.endpoint);
    assert.match(message, 'maxclients is reached');
    assert.match(remedy, 'CONFIG SET maxclients');
  });
});

/** A server that has just begun to load; loading it takes `forMs` at least, and it answers after each of 100 keys. */
async function withLoading(forMs: number, use: (server: TestRedis) => Promise<void>): Promise<void> {
  const keys = 100;
  const answering = ['--loading-process-events-interval-bytes', '1024', '--rdbcompression', 'no'];
  await withRedis(['--enable-debug-command', 'yes', ...answering], async (server) => {
    const client = server.client();
    const witness = server.client();
    await witness.ping();
    await Promise.all(Array.from({ length: keys }, (_, i) => client.set(`key:${i}`, 'x'.repeat(1024))));
    await client.config('SET', 'key-load-delay', String((forMs * 1000) / keys));
    client.call('DEBUG', 'RELOAD').catch(() => {});
    while (!(await witness.info('persistence')).includes('loading:1'));
    await use(server);
  });
}

test('a server that is loading is waited for', async () => {
  await withLoading(500, async ({ endpoint }) => {
    const redis = await connect(endpoint, { name: NAME });
    assert.is(await redis.dbsize(), 100);
    redis.disconnect();
  });
});

test('but not for ever', async () => {
  await withLoading(5_000, async ({ endpoint }) => {
    const { message, remedy } = await refusal(endpoint, { loadingLimitMs: 100 });
    assert.match(message, 'still loading its data');
    assert.match(remedy, `redis-cli -h 127.0.0.1 -p ${endpoint.port} INFO persistence`);
  });
});

test('a replica that has lost its primary and serves no stale data', async () => {
  const nowhere = String(await freePort());
  await withRedis(['--replicaof', '127.0.0.1', nowhere, '--replica-serve-stale-data', 'no'], async ({ endpoint }) => {
    const { message, remedy } = await refusal(endpoint);
    assert.match(message, 'a replica that has lost its primary');
    assert.match(remedy, 'primary');
  });
});

for (const [what, onConnection] of Object.entries<Parameters<typeof startScripted>[0]>({
  'a web server': (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
  'an SSH server': (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'),
  'what closes without a word': (socket) => socket.end(),
  'what closes at the first command': (socket) => socket.once('data', () => socket.end()),
  'what resets': (socket) => socket.once('data', () => socket.resetAndDestroy()),
  'what speaks RESP and knows neither AUTH nor PING': (socket) =>
    socket.on('data', (chunk) => socket.write(`-ERR unknown command ${JSON.stringify(String(chunk))}\r\n`.repeat(2))),
})) {
  test(`no Redis: ${what}`, async () => {
    const server = await startScripted(onConnection);
    const { message, remedy } = await refusal({ ...server.endpoint, password: 'ech0ed' });
    assert.match(message, /it is not a Redis|it ended the connection before it answered/);
    assert.match(remedy, /is it (a|the port of another|a proxy)/i);
    server.stop();
  });
}

test('an error that is not known is passed on in the server’s words', async () => {
  const server = await startScripted(answering({ PING: '-MISCONF Errors writing to the AOF file: No space left\r\n' }));
  assert.match((await refusal(server.endpoint)).message, 'it answers: MISCONF Errors writing to the AOF file');
  server.stop();
});

const certificate = {
  key: readFileSync(new URL('../fixtures/tls/key.pem', import.meta.url), 'utf8'),
  cert: readFileSync(new URL('../fixtures/tls/cert.pem', import.meta.url), 'utf8'),
};

test('TLS to a server without, and none to a server with TLS', async () => {
  await withRedis([], async ({ endpoint }) => {
    const { message, remedy } = await refusal({ ...endpoint, tls: true }, { connectLimitMs: 500 });
    assert.match(message, /^rediss:/);
    assert.match(remedy, 'write redis:// instead of rediss://');
  });
  const server = await startScripted(answering({}), certificate);
  const { remedy } = await refusal({ ...server.endpoint, tls: false });
  assert.match(remedy, 'rediss://');
  server.stop();
});

test('a certificate of an unknown authority', async () => {
  const server = await startScripted(answering({}), certificate);
  const { message, remedy } = await refusal({ ...server.endpoint, host: 'localhost' });
  assert.match(message, 'its certificate is of an unknown authority');
  assert.match(remedy, 'NODE_EXTRA_CA_CERTS');
  server.stop();
});

test.run();
