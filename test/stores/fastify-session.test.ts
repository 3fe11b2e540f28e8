/** @fastify/session over the store of connect-redis sends what its profile says. */
import fastifyCookie from '@fastify/cookie';
import fastifySessionPlugin from '@fastify/session';
import { RedisStore } from 'connect-redis';
import fastify from 'fastify';
import { createClient } from 'redis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fastifySession } from '../../src/stores/fastify-session.ts';
import type { Operation } from '../../src/stores/profile.ts';
import { startRedis } from '../support/redis.ts';
import { assertSends, numbersOf, Recorder, Visitor } from './library.ts';

const server = await startRedis();
const recorder = await Recorder.of(server);
const client = createClient({ socket: { path: server.path, tls: false } });
await client.connect();

test.after(async () => {
  recorder.close();
  client.destroy();
  await server.stop();
});

async function check(rolling: boolean | undefined, maxAge: number): Promise<void> {
  const app = fastify();
  await app.register(fastifyCookie);
  await app.register(fastifySessionPlugin, {
    store: new RedisStore({ client }) as never,
    secret: 'a secret of at least 32 characters',
    saveUninitialized: false,
    cookie: { secure: false, maxAge },
    ...(rolling !== undefined && { rolling }),
  });
  const visits = (session: { get(key: string): unknown } | null): number | undefined =>
    session?.get('visits') as number | undefined;
  app.get('/read', async ({ session }) => String(visits(session) ?? 'guest'));
  app.get('/change', async ({ session }) => {
    session.set('visits' as never, ((visits(session) ?? 0) + 1) as never);
    return 'changed';
  });
  app.get('/logout', async ({ session }) => {
    await session.destroy();
    return 'guest';
  });
  const visitor = new Visitor(await app.listen({ host: '127.0.0.1', port: 0 }));
  const keys = new Map<string, string>();
  const sends = async (path: string, operation: Operation): Promise<void> => {
    const heard = await recorder.record(() => visitor.get(path));
    if (keys.size === 0) keys.set(heard[0]![1]!, 's0');
    assertSends(heard, operation, numbersOf(maxAge), keys);
  };
  const { create, read, refreshes, destroy } = fastifySession;
  try {
    assert.equal(await recorder.record(() => visitor.get('/read')), [], 'a visitor without a session makes none');
    await sends('/change', create);
    await sends('/read', rolling === false ? read : [...read, ...refreshes.rewrite]);
    await sends('/change', [...read, ...refreshes.rewrite]);
    await sends('/logout', destroy);
    assert.is(await visitor.get('/read'), 'guest');
  } finally {
    await app.close();
  }
}

test('a full SET on each request, as it is by default', () => check(undefined, 90_000));

test('a TTL that is no whole number of seconds is rounded up', () => check(true, 60_500));

test('when it does not roll, a SET on a request that changes the session', () => check(false, 90_000));

test.run();
