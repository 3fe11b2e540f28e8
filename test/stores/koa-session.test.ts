/** koa-session over koa-redis sends what its profile says. */
import type { RequestListener } from 'node:http';
import Koa from 'koa';
import redisStore from 'koa-redis';
import session from 'koa-session';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { refreshesOf } from '../../src/scenario/store.ts';
import { koaSession } from '../../src/stores/koa-session.ts';
import type { Operation } from '../../src/stores/profile.ts';
import { startRedis } from '../support/redis.ts';
import { assertSends, numbersOf, Recorder, serve, Visitor } from './library.ts';

const server = await startRedis();
const recorder = await Recorder.of(server);
const client = server.client();

test.after(async () => {
  recorder.close();
  await server.stop();
});

function application(options: { maxAge: number; renew?: boolean; rolling?: boolean }): RequestListener {
  const app = new Koa();
  app.keys = ['a secret'];
  app.use(session({ store: redisStore({ client }), ...options }, app));
  app.use((context) => {
    if (context.path === '/logout') context.session = null;
    if (context.path === '/change') context.session!.visits = (context.session!.visits ?? 0) + 1;
    context.body = String(context.session?.visits ?? 'guest');
  });
  return app.callback();
}

/** Moves the end of the session, as the library has written it into the session, to `leftMs` from now. */
async function age(key: string, leftMs: number): Promise<void> {
  const data = JSON.parse((await client.get(key))!);
  await client.set(key, JSON.stringify({ ...data, _expire: Date.now() + leftMs }), 'KEEPTTL');
}

interface Check {
  options: { maxAge: number; renew?: boolean; rolling?: boolean };
  /** What is left of the session when it is read, and whether that saves it. */
  reads: { leftMs: number; saves: boolean }[];
}

async function check({ options, reads }: Check): Promise<void> {
  const { create, read, refreshes, destroy } = koaSession;
  await serve(application(options), async (origin) => {
    const visitor = new Visitor(origin);
    let key = '';
    const sends = async (path: string, operation: Operation): Promise<void> => {
      const heard = await recorder.record(() => visitor.get(path));
      if (key === '') key = heard[0]![1]!;
      assertSends(heard, operation, numbersOf(options.maxAge), new Map([[key, 's0']]));
    };
    assert.equal(await recorder.record(() => visitor.get('/read')), [], 'a visitor without a session makes none');
    await sends('/change', create);
    for (const { leftMs, saves } of reads) {
      await age(key, leftMs);
      await sends('/read', saves ? [...read, ...refreshes.rewrite] : read);
    }
    await sends('/change', [...read, ...refreshes.rewrite]);
    await sends('/logout', destroy);
    assert.is(await visitor.get('/read'), 'guest');
  });
}

test('SETEX with 10 s more, GET, SETEX of a session that has changed, DEL', () =>
  check({ options: { maxAge: 90_000 }, reads: [{ leftMs: 10_000, saves: false }] }));

test('renewing, below half its age', async () => {
  const { usual } = refreshesOf({ name: 'koa-session', renew: true, rolling: false });
  const boundaryMs = usual.renewBelow! * 90_000;
  await check({
    options: { maxAge: 90_000, renew: true },
    reads: [
      { leftMs: boundaryMs + 5_000, saves: false },
      { leftMs: boundaryMs - 5_000, saves: true },
    ],
  });
});

test('rolling, on each request', () =>
  check({ options: { maxAge: 90_000, rolling: true }, reads: [{ leftMs: 89_000, saves: true }] }));

test('a TTL that is no whole number of seconds is rounded up', () => check({ options: { maxAge: 60_500 }, reads: [] }));

test('a session past its age is gone for the visitor, although its key is there', () =>
  serve(application({ maxAge: 90_000 }), async (origin) => {
    const visitor = new Visitor(origin);
    const [set] = await recorder.record(() => visitor.get('/change'));
    await age(set![1]!, -1);
    assert.is(await visitor.get('/read'), 'guest');
    assert.is(await client.exists(set![1]!), 1);
    assert.ok(koaSession.judgesAge);
  }));

test.run();
