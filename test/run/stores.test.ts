/** Every store through a whole run on a server that is not the run's own, and what is left there. */
import net from 'node:net';
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenLoop } from '../../src/load/open-loop.ts';
import type { Result } from '../../src/result/schema.ts';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import type { StoreChoice } from '../../src/scenario/store.ts';
import { storeProfile } from '../../src/stores/index.ts';
import { title, VARIANTS } from '../stores/variants.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let client: Redis;

test.before.each(async () => {
  server = await startRedis(['--notify-keyspace-events', 'Exn', '--hz', '50']);
  client = server.client();
});
test.after.each(() => server.stop());

const url = (): string => `redis://127.0.0.1:${server.endpoint.port}`;

/** Names of all keys there are. */
async function keysLeft(): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = await client.scan(cursor, 'COUNT', 1000);
    keys.push(...found);
    cursor = next;
  } while (cursor !== '0');
  return keys;
}

/** As a person writes it; sweeps come sooner. */
function written({ name, ...options }: StoreChoice): object {
  const kebab = Object.entries(options).map(([key, value]) => {
    if (key === 'sweepEveryMs') return ['sweep', value === null ? undefined : '500ms'];
    return [key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), value];
  });
  return { [name]: Object.fromEntries(kebab.filter(([, value]) => value !== undefined)) };
}

/** All stores that the server can run: some sessions from the start, others that come, request and log out. */
async function cohortsOfAll(): Promise<Record<string, object>> {
  const [hpexpireat] = (await client.call('COMMAND', 'INFO', 'HPEXPIREAT')) as unknown[];
  const flags = hpexpireat === null ? 'Exn' : 'Exnh';
  await client.config('SET', 'notify-keyspace-events', flags);
  const stores = VARIANTS.filter(({ name }) => name !== 'hash-field' || hpexpireat !== null);
  const activity = { every: { exponential: '300ms' }, for: { exponential: '900ms' } };
  return Object.fromEntries(
    stores.flatMap((store, i) => {
      const name = `${i}-${title(store).replace(/[^\w-]+/g, '_')}`.slice(0, 35);
      const ofAll = { store: written(store), payload: { uniform: [0, 300] } };
      return [
        [`${name}-f`, { ...ofAll, sessions: 20, ttl: '1h' }],
        [`${name}-a`, { ...ofAll, arrivals: '20/s', ttl: '1s', jitter: '20%', activity, logout: '40%' }],
      ];
    }),
  );
}

function assertNothingLost(result: Result): void {
  assertLaw(result);
  const { lost, unknown, refused } = result.totals.outcomes;
  assert.equal([lost, unknown, refused], [0, 0, 0]);
  assert.is(result.totals.withoutTtl, 0);
  assert.equal(result.instrument.errors, {});
}

test('all of them at once: valid, nothing lost, and nothing left behind', async () => {
  const cohorts = await cohortsOfAll();
  const result = await run(parseScenario({ duration: '4s', cutoff: '1s', cohorts }), { redis: url() });
  assertNothingLost(result);
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  for (const [name, { attempted, outcomes }] of Object.entries(result.cohorts)) {
    if (name.endsWith('-f')) assert.is(outcomes.alive, 20, name);
    else assert.ok(outcomes.logged_out > 0 && attempted > 20, `${name}: ${JSON.stringify(outcomes)}`);
    const lasts = /disableTtl|koa/.test(name) || name.endsWith('-f');
    if (!lasts) assert.ok(outcomes.expired > 0, `${name}: ${JSON.stringify(outcomes)}`);
  }
  assert.equal(await keysLeft(), []);
});

test('ended by a signal in the middle: the sums hold, and nothing is left behind', async () => {
  const cohorts = await cohortsOfAll();
  const interrupt = new AbortController();
  let wereThere: Promise<number> | null = null;
  const result = await run(parseScenario({ duration: '20s', cohorts }), {
    redis: url(),
    signal: interrupt.signal,
    onProgress: ({ phase, remainingMs }) => {
      if (phase !== 'measure' || remainingMs! > 18_500 || wereThere) return;
      wereThere = client.dbsize();
      interrupt.abort('SIGINT');
    },
  });
  assertNothingLost(result);
  assert.is(result.verdict.state, 'aborted');
  assert.ok((await wereThere!) > 400);
  assert.equal(await keysLeft(), []);
});

test('stores whose sessions are one key with a TTL each: the server’s count is that of the ledger', async () => {
  const visitors = { arrivals: '40/s', ttl: '1s', activity: { every: '400ms', for: '1s' }, logout: '30%' };
  const cohorts = Object.fromEntries(
    VARIANTS.filter((store) => storeProfile(store).uncountable === null).map((store, i) => [
      `c${i}`,
      { ...visitors, store: written(store) },
    ]),
  );
  const result = await run(parseScenario({ duration: '3s', cutoff: '500ms', cohorts }));
  assertNothingLost(result);
  const { staleCountCheck, littlesLaw } = result.instrument;
  assert.equal([staleCountCheck.state, littlesLaw.state], ['held', 'held'], result.verdict.reasons.join('; '));
});

test('commands refused from the middle on: told by their code, and nothing left behind', async () => {
  let forbidden: Promise<unknown> | null = null;
  const cohorts = {
    pairs: { arrivals: '100/s', ttl: '300ms', store: { hash: { multi: false } } },
    transactions: { arrivals: '100/s', ttl: '300ms', store: 'hash' },
    spring: { arrivals: '100/s', ttl: '300ms', store: 'spring-indexed' },
  };
  const result = await run(parseScenario({ duration: '3s', cutoff: '500ms', cohorts }), {
    redis: url(),
    onProgress: ({ phase, remainingMs }) => {
      if (phase !== 'measure' || remainingMs! > 2200) return;
      forbidden ??= client.call('ACL', 'SETUSER', 'default', '-expire', '-pexpire');
    },
  });
  await forbidden;
  assertLaw(result);
  for (const [name, { outcomes }] of Object.entries(result.cohorts)) {
    assert.ok(outcomes.refused > 20, `${name}: ${JSON.stringify(outcomes)}`);
    assert.is(outcomes.lost, 0);
  }
  assert.ok(result.instrument.errors.NOPERM! > 100);
  assert.equal(await keysLeft(), [], 'not even hashes whose EXPIRE was refused');
});

test('the connection is lost between the two commands of a session: it has no TTL, is counted, and not called lost', async () => {
  const proxy = await cuttingProxy(server.endpoint.port, 1000);
  try {
    const cohorts = { pairs: { sessions: 20_000, ttl: '1h', payload: 10, store: { hash: { multi: false } } } };
    const redis = `redis://127.0.0.1:${proxy.port}`;
    const result = await run(parseScenario({ duration: '1s', cohorts }), { redis });
    const whole = proxy.whole();
    assert.ok(whole);
    assertLaw(result);
    const { outcomes, withoutTtl, attempted } = result.totals;
    assert.is(withoutTtl, 1);
    assert.is(outcomes.lost, 0);
    assert.is(outcomes.alive, whole, 'those of which both commands arrived');
    assert.is(outcomes.unknown, attempted - whole);
    assert.is(result.verdict.state, 'invalid');
    assert.equal(await keysLeft(), []);
  } finally {
    proxy.stop();
  }
});

test('the connection is killed in the middle of the fill: what the server has without TTL is what is counted', async () => {
  let killed: Promise<unknown> | null = null;
  const cohorts = { pairs: { sessions: 100_000, ttl: '1h', payload: 10, store: { hash: { multi: false } } } };
  const without = `local n = 0
    for _, key in ipairs(redis.call('KEYS', 'ttlscope:*:s*')) do if redis.call('PTTL', key) == -1 then n = n + 1 end end
    return n`;
  const result = await run(parseScenario({ duration: '1s', cohorts }), {
    redis: url(),
    onProgress: ({ phase, created }) => {
      if (phase !== 'fill' || created === 0 || killed) return;
      const kill = client.multi().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      killed = kill.eval(without, 0).exec();
    },
  });
  assertLaw(result);
  const { outcomes, withoutTtl } = result.totals;
  assert.is(outcomes.lost, 0);
  assert.ok(outcomes.alive > 0 && result.totals.attempted < 100_000);
  const [, [, left]] = (await killed!) as unknown as [unknown, [null, number]];
  assert.is(withoutTtl, left);
  assert.equal(await keysLeft(), []);
});

test('the connection is lost when the rest is read: once it is there again, nothing is left behind', async () => {
  const { ask } = OpenLoop.prototype;
  let asked = 0;
  OpenLoop.prototype.ask = function (...args) {
    if (++asked === 100) void client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    ask.apply(this, args);
  };
  try {
    const cohorts = { idle: { sessions: 30_000, ttl: '1h', payload: 10 } };
    const result = await run(parseScenario({ duration: '500ms', cohorts }), { redis: url() });
    assertLaw(result);
    assert.ok(result.totals.outcomes.unknown > 0);
    assert.is(result.totals.outcomes.lost, 0);
    assert.equal(await keysLeft(), []);
  } finally {
    OpenLoop.prototype.ask = ask;
  }
});

/** Passes everything on, until there were so many HSET on a connection: then up to the EXPIRE of a session, and no more. */
async function cuttingProxy(port: number, after: number) {
  let whole: number | null = null;
  const sockets = new Set<net.Socket>();
  const proxy = net.createServer((socket) => {
    const upstream = net.connect(port, '127.0.0.1');
    for (const one of [socket, upstream]) sockets.add(one.on('error', () => {}));
    upstream.pipe(socket);
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    let passed = '';
    // Those of sessions, not of the rehearsal, whose keys have another name.
    const count = (name: string): number =>
      passed.match(new RegExp(`\r\n${name}\r\n\\$\\d+\r\nttlscope:\\w+:s`, 'g'))?.length ?? 0;
    socket.on('data', (bytes) => {
      if (upstream.writableEnded) return;
      const text = bytes.toString('latin1');
      const end = whole === null && count('HSET') >= after ? text.indexOf('*3\r\n$6\r\nEXPIRE\r\n') : -1;
      passed += end < 0 ? text : text.slice(0, end);
      if (end < 0) return void upstream.write(bytes);
      whole = count('EXPIRE');
      upstream.end(bytes.subarray(0, end));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as net.AddressInfo).port,
    /** How many EXPIRE were passed on, on the connection that was cut; `null`: none was. */
    whole: () => whole,
    stop() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

test.run();
