/**
 * Every store's profile, and each of its options, against a real server: each operation does to the server what the profile
 * says that it does, and its replies are read as what happened.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inspect } from '../../src/redis/inspect.ts';
import { NO_RUN } from '../../src/redis/permissions.ts';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import { type RefreshName, refreshesOf, type StoreName } from '../../src/scenario/store.ts';
import { neededBy } from '../../src/stores/commands.ts';
import { storeProfile } from '../../src/stores/index.ts';
import type { Numbers, Operation, StoreProfile } from '../../src/stores/profile.ts';
import { startRedis } from '../support/redis.ts';
import { isError, PREFIX, Session, sender } from './session.ts';
import { title, VARIANTS } from './variants.ts';

const TTL_MS = 90_000;
const LONGER_MS = 240_000;
const FIVE_MINUTES_MS = 300_000;

const server = await startRedis(['--enable-debug-command', 'yes']);
const client = server.client();
const send = await sender(server);
const [hpexpireat] = (await client.call('COMMAND', 'INFO', 'HPEXPIREAT')) as unknown[];

test.before.each(async () => {
  await client.flushall();
  await client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
});
test.after(() => server.stop());

const nextMinute = (ms: number): number => ms - (ms % 60_000) + 60_000;

/** Keys beside the session's that there are while it lives, and their TTLs as set; `null`: none. */
const BESIDE: Partial<Record<StoreName, (numbers: Numbers) => Record<string, number | null>>> = {
  'hash-field': () => ({ fields: null }),
  'better-auth': ({ user, ttl }) => ({ [`active-sessions-${user}`]: ttl - 1000 }),
  'spring-indexed': ({ index, ttl, deadline }) => ({
    [`sessions:${index}`]: ttl + FIVE_MINUTES_MS,
    [`expirations:${nextMinute(deadline)}`]: null,
  }),
  'expiry-index': () => ({ deadlines: null }),
};

/** The same when it was logged out. */
const LEFT: typeof BESIDE = {
  'spring-indexed': ({ index, now }) => ({
    [`sessions:${index}`]: FIVE_MINUTES_MS,
    [`expirations:${nextMinute(now)}`]: null,
  }),
};

/** How long a session of 2.345 s lasts, by title, in ms; 3 s where nothing else is said. */
const LASTS: Record<string, number | 'none'> = {
  string: 2_345,
  'hash-field': 2_345,
  'connect-redis {disableTtl: true}': 'none',
  'koa-session': 13_000,
  'koa-session {renew: false}': 13_000,
  'koa-session {rolling: true}': 13_000,
  'better-auth': 2_000,
  'expiry-index': 2_345,
};

/** Of the server's keys but `key`: names without the prefix, and the TTLs that are left. */
async function keysBut(key: string): Promise<Map<string, number>> {
  const keys = (await client.keys('*')).filter((name) => name !== key);
  assert.ok(keys.every((name) => name.startsWith(PREFIX)));
  return new Map(
    await Promise.all(keys.map(async (name) => [name.slice(PREFIX.length), await client.pttl(name)] as const)),
  );
}

async function assertKeys(session: Session, expected: Record<string, number | null>): Promise<void> {
  const { key, numbers } = session;
  const found = await keysBut(key);
  assert.equal([...found.keys()].sort(), Object.keys(expected).sort());
  for (const [name, ttl] of Object.entries(expected)) {
    if (ttl === null) assert.is(found.get(name), -1, name);
    else assert.ok(Math.abs(found.get(name)! - (ttl - (Date.now() - numbers.now))) < 50, `${name}: ${found.get(name)}`);
  }
}

/** Sends what sets a deadline, and checks that it is in force. */
async function assertMoves(session: Session, operation: Operation, ttlMs: number): Promise<void> {
  const { replies, told } = await session.do(operation, ttlMs);
  assert.not(replies.some(isError));
  assert.ok(told.every(({ answer }) => answer === 'done'));
  const { deadline } = told.findLast(({ deadline }) => deadline !== undefined)!;
  const asked = await session.asked();
  if (deadline === null) assert.is(asked, 'none');
  else {
    const [earliest, latest] = deadline!;
    assert.ok(
      typeof asked === 'number' && earliest <= asked && asked <= latest,
      `${earliest} <= ${asked} <= ${latest}`,
    );
  }
}

/** A session that is past its deadline and still in memory. */
async function makeStale(session: Session, profile: StoreProfile): Promise<void> {
  const at = Date.now() + 2;
  if (profile.ask) await client.call('HPEXPIREAT', `${PREFIX}fields`, at, 'FIELDS', 1, `f${session.numbers.index}`);
  else await client.pexpireat(session.key, at);
  while (Date.now() <= at + 1) await client.ping();
}

async function deleteSession(session: Session, profile: StoreProfile): Promise<void> {
  if (profile.ask) await client.hdel(`${PREFIX}fields`, `f${session.numbers.index}`);
  else await client.del(session.key);
}

const expires = async (): Promise<number> => Number(/expires=(\d+)/.exec(await client.info('keyspace'))?.[1] ?? 0);

for (const store of VARIANTS) {
  const profile: StoreProfile = storeProfile(store);
  const of = title(store);
  if (store.name === 'hash-field' && hpexpireat === null) {
    test(`${of}: a server that has no HPEXPIREAT is refused, and told which have it`, async () => {
      const refused = await inspect(client, server.endpoint, neededBy([store], NO_RUN)).catch(
        (error: unknown) => error,
      );
      assert.instance(refused, ServerUnusable);
      assert.match((refused as ServerUnusable).message, /does not know HPEXPIREAT, which the store hash-field sends/);
      assert.match((refused as ServerUnusable).remedy, /Redis 7\.4 or Valkey 9/);
    });
    continue;
  }
  // Of a field it is not its replies that tell the ledger of its end.
  const GONE = store.name === 'hash-field' ? 'refused' : 'gone';
  const beside = BESIDE[store.name] ?? (() => ({}));
  const make = async (index = 7): Promise<Session> => {
    const session = new Session(send, profile, index, TTL_MS);
    await session.do(profile.create);
    return session;
  };

  test(`${of}: a session is made with its deadline and what belongs to it, and nothing else`, async () => {
    const session = new Session(send, profile, 7, TTL_MS);
    await assertMoves(session, profile.create, TTL_MS);
    await assertKeys(session, beside(session.numbers));
    assert.is(profile.create.filter(({ does }) => does === 'create').length, 1);
  });

  test(`${of}: of a TTL of 2.345 s the server is told what the store makes of it`, async () => {
    const session = new Session(send, profile, 7, 2_345);
    await assertMoves(session, profile.create, 2_345);
    const asked = await session.asked();
    const lasts = typeof asked === 'number' ? asked - session.numbers.now : asked;
    const expected = LASTS[of] ?? 3_000;
    if (typeof lasts === 'string') assert.is(lasts, expected);
    else assert.ok(Math.abs(lasts - Number(expected)) < 50, `${lasts} ms`);
  });

  test(`${of}: keys with a TTL are as many as sessions, or there is a reason why not`, async () => {
    for (let index = 0; index < 3; index++) await make(index);
    const isTransient = store.name === 'phpredis';
    if (profile.uncountable === null) assert.is(await expires(), 3);
    else if (!isTransient) assert.is.not(await expires(), 3);
  });

  test(`${of}: a request finds the session, and that it is gone`, async () => {
    const session = await make();
    assert.is(await session.answer(profile.read), 'done');
    const before = await session.asked();
    await session.do(profile.read);
    assert.equal(await session.asked(), before, 'a read moves nothing');
    await client.flushall();
    assert.is(await session.answer(profile.read), of === 'hash-field' ? 'absent' : 'gone');
  });

  test(`${of}: its refreshes are those that a scenario can choose`, () => {
    assert.equal(Object.keys(profile.refreshes).sort(), [...refreshesOf(store).has].sort());
  });

  for (const [name, refresh] of Object.entries(profile.refreshes) as [RefreshName, Operation][]) {
    test(`${of}: ${name} moves the deadline`, async () => {
      const session = await make();
      await assertMoves(session, refresh, LONGER_MS);
      await assertKeys(session, beside(session.numbers));
      await assertMoves(session, refresh, TTL_MS);
      await assertKeys(session, beside(session.numbers));
    });

    for (const [how, end] of [
      ['is past its deadline', makeStale],
      ['was deleted', deleteSession],
    ] as const) {
      test(`${of}: ${name} of a session that ${how} ${name === 'rewrite' ? 'makes it anew' : 'finds it gone'}`, async () => {
        const session = await make();
        await end(session, profile);
        if (name === 'rewrite') {
          await assertMoves(session, refresh, LONGER_MS);
          return;
        }
        const answer = await session.answer(refresh);
        const asked = await session.asked();
        // Redis moves the deadline of a field that is past it and still in memory
        if (store.name === 'hash-field' && end === makeStale) assert.is(answer === GONE, asked === 'gone');
        else assert.equal([answer, asked], [GONE, 'gone']);
      });
    }
  }

  test(`${of}: a logout ends the session, and leaves what is stated`, async () => {
    const session = await make();
    const { replies, told } = await session.do(profile.destroy);
    assert.not(replies.some(isError));
    assert.equal(
      told.map(({ does, answer }) => [does, answer]),
      [['logout', 'done']],
    );
    assert.is(await session.asked(), 'gone');
    await assertKeys(session, (LEFT[store.name] ?? (() => ({})))(session.numbers));
    assert.is(await session.answer(profile.destroy), GONE);
  });

  const late = Object.entries(profile.refreshes).filter(([name]) => name !== 'rewrite');
  for (const [name, refresh] of late) {
    test(`${of}: ${name} after the logout brings nothing back`, async () => {
      const session = await make();
      await session.do(profile.destroy);
      assert.is(await session.answer(refresh), GONE);
      assert.equal(await keysBut(''), new Map());
    });
  }

  test(`${of}: a server without memory refuses`, async () => {
    await client.config('SET', 'maxmemory', '1');
    try {
      const session = new Session(send, profile, 7, TTL_MS);
      const { told } = await session.do(profile.create);
      assert.ok(told.length > 0 && told.every(({ answer }) => answer === 'refused' || answer === 'gone'));
      assert.is(await session.asked(), 'gone');
    } finally {
      await client.config('SET', 'maxmemory', '0');
    }
  });

  test(`${of}: what it leaves in the end is its companions`, async () => {
    const session = await make();
    for (const refresh of Object.values(profile.refreshes)) await session.do(refresh, LONGER_MS);
    const companions = (): string[] => session.rendered(profile.companions);
    const living = [...(await keysBut(session.key)).keys()].map((name) => PREFIX + name);
    assert.ok(
      living.every((key) => companions().includes(key)),
      `${living} are of ${companions()}`,
    );
    await session.do(profile.destroy);
    const left = [...(await keysBut(session.key)).keys()].map((name) => PREFIX + name);
    assert.ok(
      left.every((key) => companions().includes(key)),
      `${left} are of ${companions()}`,
    );
    for (const key of companions()) assert.not.match(key.slice(PREFIX.length), /^([scd]\d+|fence)$/);
  });
}

test('django: a session whose id is taken is not made', async () => {
  const profile = storeProfile({ name: 'django' });
  const session = new Session(send, profile, 7, TTL_MS);
  await session.do(profile.create);
  const { told } = await session.do(profile.create);
  assert.equal(told[0], { does: 'create', answer: 'gone', deadline: told[0]!.deadline });
});

test('spring-indexed: the sweep asks for each session of the minute that has passed', async () => {
  const profile = storeProfile({ name: 'spring-indexed', sweepEveryMs: 60_000 });
  const session = new Session(send, profile, 7, TTL_MS);
  await session.do(profile.create);
  const { take, each, indexOf, everyMs } = profile.sweep!;
  assert.is(everyMs, 60_000);
  session.numbers = { ...session.numbers, now: nextMinute(session.numbers.deadline) };
  const [members, deleted] = await send(take.map(({ args }) => session.rendered(args)));
  assert.equal((members as Buffer[]).map(String).map(indexOf), [7]);
  assert.is(indexOf('expires:x'), null);
  assert.is(deleted, 1);
  assert.is(await session.answer(each), 'done');
  await makeStale(session, profile);
  assert.is(await session.answer(each), 'gone');
});

test('spring-indexed: the set of a minute has a TTL from its second session on', async () => {
  const profile = storeProfile({ name: 'spring-indexed', sweepEveryMs: null });
  for (const index of [7, 8]) {
    const session = new Session(send, profile, index, TTL_MS);
    session.numbers = { ...session.numbers, deadline: 0 };
    await send(profile.create.map(({ args }) => session.rendered(args)));
    const left = await client.pttl(`${PREFIX}expirations:${nextMinute(0)}`);
    assert.is(left > TTL_MS, index === 8);
  }
});

test('spring-indexed: a request within the same minute does not take the session from its set', async () => {
  const profile = storeProfile({ name: 'spring-indexed', sweepEveryMs: null });
  const session = new Session(send, profile, 7, TTL_MS);
  await session.do(profile.create);
  const { replies: moved } = await session.do(profile.refreshes.rewrite!, TTL_MS + 60_000);
  const { replies: stayed } = await session.do(profile.refreshes.rewrite!, TTL_MS + 60_000);
  assert.is(moved.length - stayed.length, 1);
});

test.run();
