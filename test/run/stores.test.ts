import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { STORE_NAMES } from '../../src/scenario/store.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis } from '../support/redis.ts';

const visitors = {
  arrivals: '40/s',
  ttl: '2s',
  activity: { every: { exponential: '400ms' }, for: { exponential: '2s' } },
  logout: '30%',
  payload: { uniform: [0, 500] },
};
const onAnyServer = STORE_NAMES.filter((name) => name !== 'hash-field');
const variants = [
  ...onAnyServer.map((name): [string, unknown] => [name, name]),
  ['setex', { string: { creation: 'setex' } }],
  ['set-then-expire', { string: { creation: 'set-then-expire' } }],
  ['hash-alone', { hash: { multi: false } }],
  ['swept', { 'spring-indexed': { sweep: '1s' } }],
  ['locking', { phpredis: { locking: true } }],
  ['endless', { 'connect-redis': { 'disable-ttl': true } }],
] as [string, unknown][];
const cohorts = Object.fromEntries(variants.map(([name, store]) => [name, { ...visitors, store }]));

async function keysOf(client: Redis): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of client.scanStream({ count: 1000 })) found.push(...(keys as string[]));
  return found;
}

test('every store on a server of someone else: each session accounted for, none lost, no key left', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Exn', '--hz', '100']);
  try {
    const filled = { sessions: 100, ttl: '2s', payload: 20 };
    const all = {
      ...cohorts,
      'filled-laravel': { ...filled, store: 'laravel' },
      'filled-spring': { ...filled, store: 'spring-indexed' },
    };
    const result = await run(parseScenario({ duration: '5s', cutoff: '1s', cohorts: all }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
    });
    assertLaw(result);
    assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
    const { outcomes, withoutTtl } = result.totals;
    assert.is(outcomes.lost + outcomes.unknown + outcomes.refused + withoutTtl, 0, JSON.stringify(outcomes));
    for (const [name, { outcomes: of }] of Object.entries(result.cohorts)) {
      assert.ok(of.expired > 0 || name === 'endless' || name === 'koa-session', `${name}: ${JSON.stringify(of)}`);
    }
    assert.is(result.cohorts.endless!.outcomes.expired, 0);
    assert.ok(result.cohorts.endless!.outcomes.alive > 0);
    assert.is(result.instrument.expiredKeysCheck.state, 'held');
    assert.equal(await keysOf(server.client()), []);
  } finally {
    await server.stop();
  }
});

test('stores whose sessions are one key with a TTL each: the server’s count is that of the ledger', async () => {
  const countable = [
    'string',
    'hash',
    'connect-redis',
    'fastify-session',
    'laravel',
    'django',
    'phpredis',
    'expiry-index',
  ];
  const result = await run(
    parseScenario({
      duration: '4s',
      cutoff: '500ms',
      server: { hz: 50 },
      cohorts: Object.fromEntries(countable.map((store) => [store, { ...visitors, store }])),
    }),
  );
  assertLaw(result);
  const { staleCountCheck, littlesLaw } = result.instrument;
  assert.equal([staleCountCheck.state, littlesLaw.state], ['held', 'held'], result.verdict.reasons.join('; '));
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
});

test('cut off by a signal, it leaves no key either', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Exn']);
  try {
    const interrupt = new AbortController();
    const result = await run(parseScenario({ duration: '60s', cohorts }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
      signal: interrupt.signal,
      onProgress: ({ created }) => {
        if (created > 300) interrupt.abort('SIGINT');
      },
    });
    assertLaw(result);
    assert.is(result.verdict.state, 'aborted');
    assert.equal(await keysOf(server.client()), []);
  } finally {
    await server.stop();
  }
});

test('the connection is lost in the middle of a fill of two commands a session: nothing is assumed', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    let killed: unknown = null;
    const client = server.client();
    const idle = { sessions: 300_000, ttl: '1h', payload: 10, store: { hash: { multi: false } } };
    const result = await run(parseScenario({ duration: '1s', cohorts: { idle } }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
      onProgress: ({ created }) => {
        if (created > 0) killed ??= client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      },
    });
    await killed;
    assertLaw(result);
    const { outcomes, attempted, withoutTtl } = result.totals;
    assert.ok(attempted < 300_000, `${attempted} attempted`);
    assert.is(result.verdict.state, 'invalid');
    // What is there without its TTL is lost to its users; all else is there, or was never made.
    assert.is(outcomes.lost, withoutTtl);
    assert.is(
      outcomes.alive + outcomes.unknown + outcomes.lost + outcomes.refused,
      attempted,
      JSON.stringify(outcomes),
    );
    assert.equal(await keysOf(client), []);
  } finally {
    await server.stop();
  }
});

test.run();
