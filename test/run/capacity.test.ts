import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { forecast } from '../../src/forecast/forecast.ts';
import type { ServerFacts } from '../../src/redis/inspect.ts';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';
import { capacityOf } from '../../src/run/capacity.ts';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRedis } from '../support/redis.ts';

const LOCAL = { host: '127.0.0.1', port: 6379, db: 0, tls: false };
const REMOTE = { ...LOCAL, host: 'redis.example' };
/** What sessions take on Redis 7.0. */
const TRIAL = { sessionMs: 0.002, overheadBytes: [120], meanSessionBytes: 160, meanPayloadBytes: 40 };

const factsWith = (maxmemoryBytes: number): ServerFacts =>
  ({ maxmemoryBytes, settings: { 'maxmemory-policy': 'allkeys-lru' } }) as unknown as ServerFacts;

const planned = forecast(
  parseScenario({ duration: '1s', cohorts: { a: { sessions: 100_000, ttl: '1h', payload: 40 } } }),
);

test('what a plan needs counts here as far as the server is here, and no more than its maxmemory', () => {
  const needed = capacityOf(planned, TRIAL, factsWith(0), LOCAL, 1e12).serverBytes;
  assert.ok(needed > 100_000 * 150 && needed < 100_000 * 250, `${needed} bytes`);
  const just = (needed + planned.harnessBytes) / 0.8;
  assert.is(capacityOf(planned, TRIAL, factsWith(0), LOCAL, just * 1.01).isTooLarge, false);
  assert.is(capacityOf(planned, TRIAL, factsWith(0), LOCAL, just * 0.99).isTooLarge, true);
  assert.is(capacityOf(planned, TRIAL, factsWith(0), REMOTE, just * 0.5).isTooLarge, false);
  const limited = capacityOf(planned, TRIAL, factsWith(1e6), LOCAL, just * 0.5);
  assert.is(limited.serverBytes, 1e6);
  assert.is(limited.isTooLarge, false);
  assert.match(limited.notes.join(), /need about \d+\.\d MB, and maxmemory is 1\.0 MB: .*evicted \(allkeys-lru\)/);
});

test('keys that take more on this server than on Redis 7.0 are reckoned with what they take', () => {
  const usual = capacityOf(planned, TRIAL, factsWith(0), LOCAL).serverBytes;
  const larger = { ...TRIAL, meanSessionBytes: 2 * TRIAL.meanSessionBytes };
  assert.is(Math.round(capacityOf(planned, larger, factsWith(0), LOCAL).serverBytes / usual), 2);
});

test('a rate that the trial did not reach is told, with both figures', () => {
  const fast = forecast(parseScenario({ duration: '1s', cohorts: { a: { arrivals: '5000/s', ttl: '1h' } } }));
  assert.match(
    capacityOf(fast, { ...TRIAL, sessionMs: 0.5 }, factsWith(0), LOCAL).notes.join(),
    /peaks at about \d+ arrivals and requests a second, and a trial on this server created 2000 sessions/,
  );
  assert.equal(capacityOf(fast, TRIAL, factsWith(0), LOCAL).notes, []);
});

test('a plan that is too large is refused before it begins, and nothing is left on the server', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const huge = { duration: '1s', cohorts: { a: { sessions: 20_000_000, ttl: '1h', payload: '100kB' } } };
    const refused = await run(parseScenario(huge), { redis: `redis://127.0.0.1:${server.endpoint.port}` }).catch(
      (error: unknown) => error,
    );
    assert.instance(refused, ServerUnusable);
    assert.match((refused as ServerUnusable).message, /needs about \d+\.\d GB on the server .* more than 80% of the/);
    assert.match((refused as ServerUnusable).remedy, /--yes/);
    assert.is(await server.client().dbsize(), 0);
  } finally {
    await server.stop();
  }
});

test('the rehearsal of large sessions is of few: it sends no more than the run does', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const client = server.client();
    const large = { sessions: 1, ttl: '1h', payload: '4MB' };
    const written = { duration: '200ms', cohorts: { a: large, b: large, c: large } };
    await run(parseScenario(written), { redis: `redis://127.0.0.1:${server.endpoint.port}` });
    const bytes = Number(/total_net_input_bytes:(\d+)/.exec(await client.info('stats'))![1]);
    assert.ok(bytes > 12e6 && bytes < 100e6, `${bytes} bytes were sent`);
  } finally {
    await server.stop();
  }
});

test.run();
