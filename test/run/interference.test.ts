import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Redis } from 'ioredis';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { findServerBinary } from '../../src/redis/server-binary.ts';
import type { Result } from '../../src/result/schema.ts';
import type { LifeRow } from '../../src/run/life-row.ts';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

const COHORTS = {
  idle: { sessions: 500, ttl: '1h' },
  visitors: {
    arrivals: '150/s',
    ttl: '800ms',
    activity: { every: { exponential: '300ms' }, for: { exponential: '2s' } },
    refresh: 'touch',
    logout: '20%',
  },
};

interface Played {
  result: Result;
  lives: LifeRow[];
  url: string;
}

type Act = (client: Redis, server: TestRedis) => unknown;

/**
 * Runs the cohorts on a server of its own; `midway` acts about the middle of the measurement, `inFill` during the fill,
 * `after` at the end.
 */
async function play(
  midway: Act,
  {
    cohorts = COHORTS,
    inFill,
    after,
  }: { cohorts?: object; inFill?: Act; after?: (client: Redis) => Promise<void> } = {},
): Promise<Played> {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    const client = server.client();
    const lives: LifeRow[] = [];
    let acted: unknown = null;
    let filled: unknown = null;
    const result = await run(parseScenario({ duration: '3s', cutoff: '500ms', cohorts }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
      onLife: (life) => void lives.push(life),
      onProgress: ({ phase, created, remainingMs }) => {
        if (phase === 'fill' && created > 0) filled ??= inFill?.(client, server) ?? true;
        if (phase === 'measure' && remainingMs! < 2200) acted ??= midway(client, server) ?? true;
      },
    });
    await Promise.all([acted, filled]);
    assertLaw(result);
    assert.is(lives.length, result.totals.attempted);
    await after?.(client);
    return { result, lives, url: result.server.endpoint };
  } finally {
    await server.stop();
  }
}

/** All names under a run's prefix, read by a client of the test's own. */
const ours = (client: Redis): Promise<string[]> => client.keys('ttlscope:*');

const keys = suite('foreign hands on our keys');

keys('deleted: lost, and the counts differ by as many', async () => {
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

keys('persisted, or given another deadline: lost, and not left behind', async () => {
  const { result } = await play(
    async (client) => {
      const idle = (await ours(client)).filter((key) => /:s\d{1,2}$/.test(key)).sort();
      await Promise.all(idle.slice(0, 30).map((key) => client.persist(key)));
      await Promise.all(idle.slice(30, 50).map((key) => client.expire(key, 9999)));
    },
    { after: async (client) => assert.is(await client.dbsize(), 0) },
  );
  assert.is(result.cohorts.idle!.outcomes.lost, 50);
  assert.is(result.cohorts.idle!.outcomes.alive, 450);
});

keys('flushed, in silence: lost', async () => {
  const { result } = await play((client) => client.flushall());
  assert.is(result.cohorts.idle!.outcomes.lost, 500);
  assert.is(result.verdict.state, 'invalid');
});

const server = suite('the server and its connections');

server('the subscription is cut: a gap, told with its reason', async () => {
  const { result } = await play((client) => client.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
  const [gap] = result.instrument.gaps;
  assert.ok(gap && gap.toMs! > gap.fromMs, JSON.stringify(gap));
  assert.is(result.totals.outcomes.lost, 0);
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /events may have been missed/);
});

server('cut while sessions expire: what the gap may have hidden is unknown, not lost', async () => {
  const { result } = await play(async (client) => {
    // The observer is kept out for a while, by a user that may not subscribe.
    await client.call('ACL', 'SETUSER', 'default', 'resetchannels');
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    setTimeout(() => void client.call('ACL', 'SETUSER', 'default', 'allchannels'), 700);
  });
  assert.ok(result.totals.outcomes.unknown > 0, JSON.stringify(result.totals.outcomes));
  assert.is(result.totals.outcomes.lost, 0);
});

server('every connection is killed: the load comes back, and the verdict says so', async () => {
  const { result } = await play((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /the connection of the load was lost/);
  assert.is(result.cohorts.idle!.outcomes.alive, 500);
});

server('the connection is lost during the fill: what was never sent is told', async () => {
  const { result } = await play(() => {}, {
    cohorts: { idle: { sessions: 60_000, ttl: '1h' } },
    inFill: (client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  });
  const { attempted } = result.totals;
  assert.ok(attempted < 60_000, `${attempted} attempted`);
  assert.is(result.verdict.state, 'invalid');
  assert.match(
    result.verdict.reasons.join(),
    new RegExp(`${60_000 - attempted} sessions that were planned were never`),
  );
});

server('killed: the rest is unknown, and the verdict says why', async () => {
  const { result } = await play((_client, { pid }) => process.kill(pid, 'SIGKILL'));
  assert.is(result.cohorts.idle!.outcomes.unknown, 500);
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /could not be reached to the end/);
});

server(
  'the connection is lost while the rest is read after the cut-off: unknown, and the verdict says so',
  async () => {
    const { ask } = OpenLoop.prototype;
    let asked = 0;
    try {
      const { result } = await play((client) => {
        OpenLoop.prototype.ask = function (...args) {
          if (++asked === 100) void client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
          ask.apply(this, args);
        };
      });
      assert.ok(result.totals.outcomes.unknown > 0, JSON.stringify(result.totals.outcomes));
      assert.is(result.verdict.state, 'invalid');
      assert.match(result.verdict.reasons.join(), /could not be asked what had become of \d+ sessions/);
    } finally {
      OpenLoop.prototype.ask = ask;
    }
  },
);

server('the control connection is lost: made anew, and the clock is still watched', async () => {
  const { result } = await play(async (client) => {
    const clients = String(await client.call('CLIENT', 'LIST', 'TYPE', 'normal')).split('\n');
    const control = clients.find((line) => / name=ttlscope /.test(line))!;
    await client.call('CLIENT', 'KILL', 'ID', /^id=(\d+)/.exec(control)![1]!);
  });
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  assert.ok(result.instrument.clockErrorMs < 10);
});

server('paused: measured as it was, with a remark', async () => {
  const { result } = await play((client) => void client.call('CLIENT', 'PAUSE', 2300, 'ALL'));
  assert.is(result.totals.outcomes.lost + result.totals.outcomes.unknown, 0);
  assert.match(result.verdict.reasons.join(), /answered nothing for 2\.\d s/);
});

server(
  'someone else comes in the middle and leaves at once: the counts prove nothing, and that is no fault',
  async () => {
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
  },
);

const witness = suite('a foreign subscriber');

witness('in a process of its own hears the same keys, at about the same times', async () => {
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

for (const part of [keys, server, witness]) part.run();
