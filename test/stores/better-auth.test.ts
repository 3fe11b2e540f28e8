/** better-auth with sessions in Redis alone sends what its profile says. */
import { redisStorage } from '@better-auth/redis-storage';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refreshesOf } from '../../src/scenario/store.ts';
import { betterAuth as profile } from '../../src/stores/better-auth.ts';
import type { Operation } from '../../src/stores/profile.ts';
import { startRedis } from '../support/redis.ts';
import { assertSends, numbersOf, Recorder, Visitor } from './library.ts';

/** Its default, 7 days. */
const TTL_MS = 7 * 86_400_000;
const ORIGIN = 'http://127.0.0.1';
const PREFIX = 'better-auth:';

const server = await startRedis();
const recorder = await Recorder.of(server);
const client = server.client();
const auth = betterAuth({
  baseURL: ORIGIN,
  secret: 'a secret of at least 32 characters',
  database: memoryAdapter({ user: [], account: [], session: [], verification: [] }),
  secondaryStorage: redisStorage({ client }),
  emailAndPassword: { enabled: true, autoSignIn: false },
  telemetry: { enabled: false },
});

const USER = { email: 'visitor@example.com', password: 'a password' };
const { user } = await auth.api.signUpEmail({ body: { ...USER, name: 'A visitor' } });

test.after(async () => {
  recorder.close();
  await server.stop();
});

/** A visitor of one session, logged in; `sends` compares what an act sends. */
async function logIn() {
  const visitor = new Visitor(ORIGIN);
  const headers = (): Headers => new Headers({ cookie: visitor.cookie });
  const keys = new Map<string, string>([
    [`${PREFIX}active-sessions-${user.id}`, 'active-sessions-0'],
    [`${PREFIX}revoked-sessions-before-${user.id}`, 'revoked-sessions-before-0'],
  ]);
  const sends = async (act: () => Promise<{ headers: Headers }>, operation: Operation): Promise<void> => {
    const heard = await recorder.record(async () => visitor.keep((await act()).headers));
    const session = heard.find(([name, key]) => name === 'SETEX' && !keys.has(key!));
    if (keys.size === 2) keys.set(session![1]!, 's0');
    assertSends(
      heard.map((args) => args.map(asListOfOne)),
      operation,
      numbersOf(TTL_MS),
      keys,
      { slack: true },
    );
  };
  await sends(() => auth.api.signInEmail({ body: USER, returnHeaders: true }), profile.create);
  const key = [...keys.keys()].at(-1)!;
  return {
    sends,
    read: () => auth.api.getSession({ headers: headers(), returnHeaders: true }),
    logOut: () => auth.api.signOut({ headers: headers(), returnHeaders: true }),
    /** Moves the end of the session, as the library has written it into the session, to `leftMs` from now. */
    async age(leftMs: number): Promise<void> {
      const data = JSON.parse((await client.get(key))!);
      data.session.expiresAt = new Date(Date.now() + leftMs).toISOString();
      await client.set(key, JSON.stringify(data), 'KEEPTTL');
    },
  };
}

/** The list of a user's one session as the profile has it. */
function asListOfOne(arg: string): string {
  return arg.replace(
    /^\[\{"token":"\w{32}","expiresAt":\d{13}\}\]$/,
    `[{"token":"${'0'.repeat(32)}","expiresAt":1700000000000}]`,
  );
}

test('a login, a request, a logout', async () => {
  const { sends, read, logOut } = await logIn();
  await sends(read, profile.read);
  await sends(logOut, profile.destroy);
  assert.equal(await client.keys('*'), []);
});

test('a request updates a session that is old enough', async () => {
  const { sends, read, age, logOut } = await logIn();
  const boundaryMs = refreshesOf({ name: 'better-auth' }).usual.renewBelow! * TTL_MS;
  await age(boundaryMs + 60_000);
  await sends(read, profile.read);
  await age(boundaryMs - 60_000);
  await sends(read, [...profile.read, ...profile.refreshes.rewrite]);
  await logOut();
});

test.run();
