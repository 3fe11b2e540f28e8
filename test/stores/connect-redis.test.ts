/** connect-redis under express-session sends what its profile says. */
import type { RequestListener } from 'node:http';
import { RedisStore } from 'connect-redis';
import session, { type SessionData } from 'express-session';
import { createClient } from 'redis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectRedis } from '../../src/stores/connect-redis.ts';
import type { Operation, StoreProfile } from '../../src/stores/profile.ts';
import { startRedis } from '../support/redis.ts';
import { assertSends, numbersOf, Recorder, serve, Visitor } from './library.ts';

const TTL_MS = 90_000;
const server = await startRedis();
const recorder = await Recorder.of(server);
const client = createClient({ socket: { path: server.path, tls: false } });
await client.connect();

test.after(async () => {
  recorder.close();
  client.destroy();
  await server.stop();
});

type Options = Partial<ConstructorParameters<typeof RedisStore>[0]>;
type Visited = { session: session.Session & Partial<SessionData> & { visits?: number } };

/** `/change` logs in and changes the session, `/read` reads it, `/logout` destroys it. */
function application(options: Options, rolling: boolean, maxAge?: number): RequestListener {
  const middleware = session({
    store: new RedisStore({ client, ...options }),
    secret: 'a secret',
    resave: false,
    saveUninitialized: false,
    rolling,
    cookie: maxAge === undefined ? {} : { maxAge },
  }) as unknown as (...args: [...Parameters<RequestListener>, () => void]) => void;
  return (request, response) =>
    middleware(request, response, () => {
      const visited = request as unknown as Visited;
      const answer = (): void => void response.end(String(visited.session?.visits ?? 'guest'));
      if (request.url === '/change') visited.session.visits = (visited.session.visits ?? 0) + 1;
      if (request.url === '/logout') visited.session.destroy(answer);
      else answer();
    });
}

async function check(
  profile: StoreProfile,
  options: Options,
  { rolling = false, maxAge = TTL_MS }: { rolling?: boolean; maxAge?: number } = {},
): Promise<void> {
  const numbers = numbersOf(maxAge);
  const keys = new Map<string, string>();
  const { read, refreshes, create, destroy } = profile;
  await serve(application(options, rolling, maxAge), async (origin) => {
    const visitor = new Visitor(origin);
    const sends = async (path: string, operation: Operation): Promise<void> => {
      const heard = await recorder.record(() => visitor.get(path));
      if (keys.size === 0) keys.set(heard[0]![1]!, 's0');
      assertSends(heard, operation, numbers, keys);
    };
    assert.equal(await recorder.record(() => visitor.get('/read')), [], 'a visitor without a session makes none');
    await sends('/change', create);
    await sends('/read', [...read, ...(refreshes.touch ?? [])]);
    await sends('/change', [...read, ...refreshes.rewrite!]);
    await sends('/logout', destroy);
    assert.is(await visitor.get('/read'), 'guest');
  });
}

const usual = { disableTtl: false, disableTouch: false };

test('SET EX, GET, EXPIRE, SET EX, DEL', () => check(connectRedis(usual), {}));

test('the same when cookies roll', () => check(connectRedis(usual), {}, { rolling: true }));

test('a TTL that is no whole number of seconds is rounded up', () =>
  check(connectRedis(usual), {}, { maxAge: 60_500 }));

test('without TTL', () => check(connectRedis({ ...usual, disableTtl: true }), { disableTTL: true }));

test('without touch', () => check(connectRedis({ ...usual, disableTouch: true }), { disableTouch: true }));

test('a cookie without an end lasts a day', () =>
  serve(application({}, false), async (origin) => {
    const heard = await recorder.record(() => new Visitor(origin).get('/change'));
    assertSends(heard, connectRedis(usual).create, numbersOf(86_400_000), new Map([[heard[0]![1]!, 's0']]));
  }));

test.run();
