/** A run on a server that others use as well. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRedis } from '../support/redis.ts';
import { play } from './play.ts';

/** All names under a run's prefix, read by a client of the test's own. */
const ours = (client: Redis): Promise<string[]> => client.keys('ttlscope:*');

test('deleted: lost, and the counts differ by as many', async () => {
  const { result } = await play(async (client) => {
    const idle = (await ours(client)).filter((key) => /:s\d{1,2}$/.test(key));
    await client.del(...idle);
  });
  assert.is(result.cohorts.idle!.outcomes.lost, 100);
  assert.is(result.instrument.staleCountCheck.state, 'not possible', 'because another client is connected');
  assert.ok(
    result.instrument.staleCountCheck.worstDifference <= -100,
    JSON.stringify(result.instrument.staleCountCheck),
  );
});

test('persisted, or given another deadline: lost, and not left behind', async () => {
  const { result } = await play(
    async (client) => {
      const idle = (await ours(client)).filter((key) => /:s\d{1,2}$/.test(key)).sort();
      await Promise.all(idle.slice(0, 30).map((key) => client.persist(key)));
      await Promise.all(idle.slice(30, 50).map((key) => client.expire(key, 9999)));
    },
    { after: async (client) => assert.is(await client.dbsize(), 0) },
  );
  assert.is(result.cohorts.idle!.outcomes.lost, 50);
  assert.is(result.cohorts.idle!.withoutTtl, 30);
  assert.is(result.cohorts.idle!.outcomes.alive, 450);
});

test('flushed, in silence: lost', async () => {
  const { result } = await play((client) => client.flushall());
  assert.is(result.cohorts.idle!.outcomes.lost, 500);
  assert.is(result.verdict.state, 'invalid');
});

test('someone else comes in the middle and leaves at once: the counts prove nothing, and that is no fault', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    let came: Promise<unknown> | null = null;
    const idle = { cohorts: { idle: { sessions: 100, ttl: '1h' } } };
    const result = await run(parseScenario({ duration: '2500ms', ...idle }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
      onProgress: ({ phase }) => {
        if (phase !== 'measure' || came) return;
        const client = server.client();
        came = client.set('theirs', '1', 'EX', 100).then(() => client.quit());
      },
    });
    await came;
    const { state, reason, worstDifference } = result.instrument.staleCountCheck;
    assert.equal([state, worstDifference], ['not possible', 1]);
    assert.match(reason!, /other clients were connected|connections were made/);
    assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  } finally {
    await server.stop();
  }
});

test('a foreign subscriber in a process of its own hears the same keys, at about the same times', async () => {
  const heard = new Map<string, number>();
  let child: ChildProcess | null = null;
  const { lives } = await play((client) => {
    child = spawn(findServerBinary().replace(/server$/, 'cli'), [
      '-s',
      client.options.path!,
      'PSUBSCRIBE',
      '__keyevent@0__:expired',
    ]);
    createInterface(child.stdout!).on('line', (line) => {
      if (line.startsWith('ttlscope:')) heard.set(line, Date.now());
    });
  }).finally(() => child?.kill());
  const expired = lives.filter(({ outcome }) => outcome === 'expired');
  const both = expired.filter(({ key }) => heard.has(key));
  assert.ok(both.length > 20, `${both.length} keys heard by both`);
  const times = both.map(({ heardMs }) => heardMs!);
  const between = expired.filter(({ heardMs }) => heardMs! > Math.min(...times) && heardMs! < Math.max(...times));
  const missed = between.filter(({ key }) => !heard.has(key));
  assert.is(missed.length, 0, 'from the first that both heard to the last, they heard the same');
  const apartMs = both.map(({ key, heardMs }) => Math.abs(heard.get(key)! - heardMs!)).sort((a, b) => a - b);
  assert.ok(
    apartMs[Math.floor(both.length / 2)]! < 20,
    `the half are more than ${apartMs[Math.floor(both.length / 2)]} ms apart`,
  );
});

test.run();
