import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { connect } from '../../src/redis/connect.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { flagsMissing, inspect, type ServerFacts } from '../../src/redis/inspect.ts';
import { missingFlags } from '../../src/redis/notify-flags.ts';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { answering, bulk, startScripted } from './scripted-server.ts';

async function withRedis(args: readonly string[], use: (server: TestRedis) => Promise<void>): Promise<void> {
  const server = await startRedis(args);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}

async function inspectAt(endpoint: Endpoint): Promise<ServerFacts> {
  const redis = await connect(endpoint, { name: 'ttlscope-test' });
  try {
    return await inspect(redis, endpoint);
  } finally {
    redis.disconnect();
  }
}

async function refusal(endpoint: Endpoint): Promise<ServerUnusable> {
  try {
    await inspectAt(endpoint);
  } catch (error) {
    assert.instance(error, ServerUnusable);
    return error as ServerUnusable;
  }
  throw new Error('it is usable');
}

test('what the server is and how it is set', async () => {
  const set = [
    '--hz',
    '25',
    '--active-expire-effort',
    '3',
    '--maxmemory',
    '64mb',
    '--maxmemory-policy',
    'volatile-ttl',
  ];
  const notify = ['--notify-keyspace-events', 'Ex', '--client-output-buffer-limit', 'pubsub 1mb 1mb 60'];
  await withRedis([...set, ...notify], async ({ endpoint, client }) => {
    const [, engine, version] = /(valkey|redict|redis)_version:(\S+)\r\n(?!server_name|redict_version)/.exec(
      await client().info('server'),
    )!;
    const facts = await inspectAt(endpoint);
    assert.equal([facts.engine, facts.version], [engine, version]);
    assert.is(facts.role, 'master');
    assert.is(facts.settings.hz, '25');
    assert.is(facts.effectiveHz, 25);
    assert.is(facts.settings['active-expire-effort'], '3');
    assert.is(facts.settings['maxmemory-policy'], 'volatile-ttl');
    assert.is(facts.maxmemoryBytes, 64 * 1024 * 1024);
    assert.match(facts.settings['client-output-buffer-limit']!, 'pubsub 1048576 1048576 60');
    assert.equal([...facts.notifyFlags].sort(), ['E', 'x']);
    assert.is(facts.settings.save, '');
    assert.equal(facts.supports, { pexpiretime: true, newEvent: true });
  });
});

test('no secret is among the settings', async () => {
  await withRedis(['--requirepass', 'hush-hush', '--masterauth', 'hush-hush'], async ({ endpoint }) => {
    const facts = await inspectAt({ ...endpoint, password: 'hush-hush' });
    assert.not.match(JSON.stringify(facts), 'hush-hush');
  });
});

test('the keys with a TTL that were there, in whatever database', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    await client().mset('a', '1', 'b', '2');
    await client().set('c', '3', 'PX', 600_000);
    await client({ db: 1 }).set('d', '4', 'PX', 600_000);
    assert.is((await inspectAt(endpoint)).foreignExpires, 2);
  });
});

test('nothing is executed on keys, nothing is published', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    await inspectAt(endpoint);
    const stats = await client().info('commandstats');
    assert.not.match(stats, /cmdstat_(set|get|getex|del|exists|expire|pexpire|publish|subscribe):calls=[1-9]/);
    assert.is(await client().dbsize(), 0);
  });
});

test('a server without memory left is usable: that sessions are refused is for the result to tell', async () => {
  await withRedis(['--maxmemory', '1'], async ({ endpoint }) => {
    const { maxmemoryBytes, config } = await inspectAt(endpoint);
    assert.is(maxmemoryBytes, 1);
    assert.equal(config, { get: null, set: null }, 'its settings can be read and changed all the same');
  });
});

/** All that a run needs, and no more. */
const NEEDED = (
  '+ping +info +time +multi +exec +publish +subscribe +set +get +getex +del +exists +expire +pexpire +pttl ' +
  '+pexpiretime ~ttlscope:* &ttlscope:* &__keyevent@0__:*'
).split(' ');

test('a user who has no more than what a run needs', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    await client().call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>pw', ...NEEDED);
    assert.is((await inspectAt({ ...endpoint, username: 'alice', password: 'pw' })).role, 'master');
  });
});

test('a user who may not use CONFIG: what INFO tells of the settings, and nothing else', async () => {
  await withRedis(['--hz', '25', '--maxmemory', '64mb'], async ({ endpoint, client }) => {
    await client().call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>pw', ...NEEDED);
    const { settings, config } = await inspectAt({ ...endpoint, username: 'alice', password: 'pw' });
    assert.equal(settings, { hz: '25', maxmemory: '67108864', 'maxmemory-policy': 'noeviction' });
    assert.match(config.get!, 'NOPERM');
    assert.match(config.set!, 'NOPERM');
    const { config: own } = await inspectAt(endpoint);
    assert.equal(own, { get: null, set: null });
  });
});

test('each rule that a user lacks is named, with the command that gives it, which then suffices', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    const alice = { ...endpoint, username: 'alice', password: 'pw' };
    const admin = client();
    const cases = [
      ...NEEDED.filter((rule) => rule !== '+ping').map((rule) => [rule]),
      ['+set', '+getex', '&ttlscope:*'],
    ];
    for (const lacking of cases) {
      const rules = NEEDED.filter((rule) => !lacking.includes(rule));
      await admin.call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>pw', ...rules);
      const { message, remedy } = await refusal(alice);
      const told = /its ACL lacks (.*)$/.exec(message)?.[1]?.split(' ') ?? [];
      assert.equal(told.sort(), [...lacking].sort(), message);
      assert.match(remedy, `redis-cli -h 127.0.0.1 -p ${endpoint.port} ACL SETUSER alice `);
      for (const rule of lacking) assert.match(remedy, /[|*]/.test(rule) ? ` '${rule}'` : ` ${rule}`);
      await admin.call('ACL', 'SETUSER', 'alice', ...told);
      await inspectAt(alice);
    }
  });
});

test('a user with a name that reads like a message of the server', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    const rules = NEEDED.filter((rule) => rule !== '+getex');
    await client().call('ACL', 'SETUSER', 'keys-channels', 'reset', 'on', '>pw', ...rules);
    const { message } = await refusal({ ...endpoint, username: 'keys-channels', password: 'pw' });
    assert.match(message, 'the user "keys-channels" may not do what a run does; its ACL lacks +getex');
  });
});

test('the channels are those of the database', async () => {
  await withRedis([], async ({ endpoint, client }) => {
    await client().call('ACL', 'SETUSER', 'alice', 'reset', 'on', '>pw', '+select', ...NEEDED);
    const { message } = await refusal({ ...endpoint, username: 'alice', password: 'pw', db: 5 });
    assert.match(message, 'its ACL lacks &__keyevent@5__:*');
  });
});

test('a replica', async () => {
  await withRedis([], async (primary) => {
    await withRedis(['--replicaof', '127.0.0.1', String(primary.endpoint.port)], async ({ endpoint }) => {
      const { message, remedy } = await refusal(endpoint);
      assert.match(message, 'it is a replica');
      assert.match(remedy, `its primary, which it calls 127.0.0.1:${primary.endpoint.port}`);
    });
  });
});

test('a node of a cluster', async () => {
  // a port below 55536, to which the port of the cluster bus, 10000 above, can be added
  let port = await freePort();
  while (port > 55_535) port = await freePort();
  const server = await startRedis(['--cluster-enabled', 'yes'], port);
  const { message, remedy } = await refusal(server.endpoint);
  assert.match(message, 'a node of a cluster');
  assert.match(remedy, 'cluster-enabled no');
  await server.stop();
});

test('a command that was renamed away', async () => {
  await withRedis(['--rename-command', 'GETEX', ''], async ({ endpoint }) => {
    const { message } = await refusal(endpoint);
    assert.match(message, 'it does not know GETEX');
  });
});

test('a server that refuses writes tells why', async () => {
  await withRedis(['--min-replicas-to-write', '1'], async ({ endpoint }) => {
    assert.match((await refusal(endpoint)).message, 'it refuses SET: NOREPLICAS');
  });
});

test('a connection that is lost meanwhile', async () => {
  await withRedis([], async (server) => {
    const redis = await connect(server.endpoint, { name: 'ttlscope-test' });
    await server.stop();
    try {
      await inspect(redis, server.endpoint);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, ServerUnusable);
    }
  });
});

const UNKNOWN = '-ERR unknown command\r\n';

for (const [what, info, queued, expected] of [
  ['Redis 6.0', 'redis_version:6.0.16', { GETEX: UNKNOWN, PEXPIRETIME: UNKNOWN }, /redis 6\.0\.16 has no SET PXAT/],
  ['Redis 5.0', 'redis_version:5.0.14', { GETEX: UNKNOWN, PEXPIRETIME: UNKNOWN }, /redis 5\.0\.14 has no SET PXAT/],
  ['a Sentinel', 'redis_version:7.0.15\r\nredis_mode:sentinel', { SET: UNKNOWN }, /it is a Sentinel/],
] as const) {
  test(`${what} is refused`, async () => {
    const server = await startScripted(answering({ INFO: bulk(info) }, queued));
    assert.match((await refusal(server.endpoint)).message, expected);
    server.stop();
  });
}

test('6.2 is good, and what it cannot do is known', async () => {
  const info = bulk('redis_version:6.2.7\r\nrole:master\r\nconnected_clients:1');
  const server = await startScripted(answering({ INFO: info, CONFIG: '*0\r\n' }, { PEXPIRETIME: UNKNOWN }));
  const facts = await inspectAt(server.endpoint);
  assert.equal(facts.supports, { pexpiretime: false, newEvent: false });
  assert.equal(facts.settings, {});
  assert.is(facts.effectiveHz, null);
  server.stop();
});

test('a fork is known by its own version', async () => {
  const info = bulk('redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.1\r\nrole:master');
  const server = await startScripted(answering({ INFO: info, CONFIG: '*0\r\n' }));
  const { engine, version } = await inspectAt(server.endpoint);
  assert.equal([engine, version], ['valkey', '8.1.1']);
  server.stop();
});

test('missing notifications: the command to type, which keeps what is set', async () => {
  await withRedis(['--notify-keyspace-events', 'Eg$'], async ({ endpoint, client }) => {
    const facts = await inspectAt({ ...endpoint, db: 3 });
    const { message, remedy } = flagsMissing(facts, 'Exe', { ...endpoint, db: 3 });
    assert.match(message, 'lacks x, e');
    const typed = /^type: redis-cli -h 127\.0\.0\.1 -p (\d+) CONFIG SET notify-keyspace-events '(.*)'$/m.exec(remedy);
    assert.is(typed?.[1], String(endpoint.port));
    assert.equal([...typed![2]!].sort(), ['$', 'E', 'e', 'g', 'x']);
    await client().config('SET', 'notify-keyspace-events', typed![2]!);
    assert.is(missingFlags((await inspectAt(endpoint)).notifyFlags, 'Exe'), '');
  });
});

test.run();
