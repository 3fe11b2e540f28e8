/** INFO through a run: what is kept, what it costs, and that the run goes on without it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ServerClock, sampleClock } from '../../src/redis/clock.ts';
import type { Result } from '../../src/result/schema.ts';
import { run } from '../../src/run/run.ts';
import { RunClock } from '../../src/run/run-clock.ts';
import { ServerSampler } from '../../src/run/server-sampler.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRedis } from '../support/redis.ts';
import { play } from './play.ts';

const VISITORS = { visitors: { arrivals: '200/s', ttl: '500ms' } };

const samplerOf = async (client: Redis): Promise<number> => {
  const clients = String(await client.call('CLIENT', 'LIST')).split('\n');
  return Number(/^id=(\d+)/.exec(clients.find((line) => / name=ttlscope-sampler /.test(line))!)![1]);
};

function assertChecked({ instrument, verdict }: Result): void {
  const { staleCountCheck, expiredKeysCheck, evictedKeysCheck, littlesLaw } = instrument;
  for (const { state } of [staleCountCheck, expiredKeysCheck, littlesLaw]) {
    assert.is(state, 'held', verdict.reasons.join('; '));
  }
  assert.is(verdict.state, 'valid', verdict.reasons.join('; '));
  assert.is(evictedKeysCheck.worstDifference, 0);
}

test('a sample at the start of the measurement and at the cut-off, and between them one a period', async () => {
  const scenario = parseScenario({
    duration: '2s',
    cutoff: '300ms',
    cohorts: { idle: { sessions: 500, ttl: '1h' }, ...VISITORS },
  });
  const result = await run(scenario, { sampleEveryMs: 250 });
  assertChecked(result);
  const { serverSamples, serverUse, totals } = result;
  const { atSeconds, series, cost, ended, everySeconds } = serverSamples;
  assert.is(ended, null);
  assert.is(everySeconds, 0.25);
  assert.ok(atSeconds[0]! < 0, 'the fill is sampled');
  assert.equal(
    atSeconds,
    [...atSeconds].sort((a, b) => a - b),
  );
  const first = atSeconds.find((at) => at > -0.02)!;
  assert.ok(first < 0.2 && atSeconds.at(-1)! >= 2.3 && atSeconds.at(-1)! < 3, `${atSeconds}`);
  assert.ok(atSeconds.length >= 8, `${atSeconds.length} samples`);
  for (const [name, values] of Object.entries(series)) assert.is(values!.length, atSeconds.length, name);
  assert.is(series.keys!.at(-1)! >= 500, true);
  assert.ok(serverUse.overSeconds! > 2.1 && serverUse.overSeconds! < 3);
  assert.ok(
    serverUse.cpuSeconds! > 0 &&
      serverUse.peakUsedMemoryBytes! >= Math.max(...(series.usedMemoryBytes as number[]).slice(-2)),
  );
  assert.ok(serverUse.expiredKeys! >= totals.outcomes.expired, 'canaries expire too');
  assert.is(serverUse.evictedKeys, 0);
  assert.is(cost.samples, atSeconds.length);
  assert.is(cost.roundTripSeconds.count, cost.samples);
  assert.ok(cost.bytes > 1000 * cost.samples);
  assert.ok(cost.infoCalls! >= atSeconds.filter((at) => at > first).length, 'the fences ask as well');
  assert.ok(cost.infoSeconds! > 0 && cost.infoSeconds! < serverUse.cpuSeconds!);
});

test('its connection is killed: the run goes on, its checks hold, and the series say why they end', async () => {
  const { result } = await play(async (client) => client.call('CLIENT', 'KILL', 'ID', await samplerOf(client)));
  assertChecked(result);
  const { serverSamples, serverUse } = result;
  assert.match(serverSamples.ended!, /connection was lost/);
  assert.ok(serverSamples.atSeconds.length > 0 && serverSamples.atSeconds.at(-1)! < 3);
  assert.equal([...new Set(Object.values(serverUse))], [null], 'nothing is told of a part as if it were the whole');
});

test('a server that does not answer is not asked again meanwhile', async () => {
  const server = await startRedis();
  try {
    const serverClock = new ServerClock();
    await sampleClock(server.client(), serverClock);
    const sampler = await ServerSampler.open(server.endpoint, new RunClock(serverClock), 20);
    const told = () => sampler.result(0).serverSamples;
    sampler.measure();
    while (told().atSeconds.length === 0) await delay(5);
    process.kill(server.pid, 'SIGSTOP');
    const before = told().cost;
    while (told().cost.skipped < before.skipped + 5) await delay(5);
    const { samples } = told().cost;
    assert.ok(samples <= before.samples + 1, `${samples} after ${before.samples}`);
    process.kill(server.pid, 'SIGCONT');
    await sampler.cutOff();
    const { cost, ended } = told();
    assert.is(ended, null);
    assert.is(cost.samples, samples + 2, 'the one that waited, and the last');
  } finally {
    await server.stop();
  }
});

test('stale sessions in bytes: what they are said to hold is what used_memory falls by when they go', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex', '--enable-debug-command', 'yes', '--hz', '100']);
  try {
    const client = server.client();
    await client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    let resumed: unknown = null;
    const cohorts = {
      idle: { sessions: 15_000, ttl: '1h', payload: 50 },
      brief: { sessions: 6_000, ttl: '300ms', payload: { uniform: [10, 600] } },
      hashes: { sessions: 6_000, ttl: '300ms', payload: 100, store: 'hash' },
    };
    const result = await run(parseScenario({ duration: '4s', cohorts }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
      sampleEveryMs: 250,
      onProgress: ({ phase, remainingMs }) => {
        if (phase === 'measure' && remainingMs! < 1500) resumed ??= client.call('DEBUG', 'SET-ACTIVE-EXPIRE', '1');
      },
    });
    await resumed;
    assertChecked(result);
    const { series, serverSamples, staleMemoryBytes } = result;
    assert.is(Math.max(...series.stale), 12_000);
    assert.is(series.stale.at(-1), 0);
    assert.is(staleMemoryBytes.value, 0);
    const held = Math.max(...(series.staleMemoryBytes as number[]));
    const used = serverSamples.series.usedMemoryBytes as number[];
    const freed = Math.max(...used) - used.at(-1)!;
    assert.ok(Math.abs(held / freed - 1) < 0.1, `said to hold ${held}, freed ${freed}`);
    const { idle, brief, hashes } = staleMemoryBytes.overheadBytes;
    assert.ok(
      idle! > 60 && idle! < 200 && brief! > 60 && brief! < 200 && hashes! > idle!,
      JSON.stringify(staleMemoryBytes),
    );
  } finally {
    await server.stop();
  }
});

test('a server that does not tell MEMORY USAGE: unknown, not zero', async () => {
  const server = await startRedis(['--notify-keyspace-events', 'Ex']);
  try {
    await server.client().call('ACL', 'SETUSER', 'default', '-memory');
    const cohorts = { idle: { sessions: 20_000, ttl: '1h' }, due: { sessions: 200, ttl: '200ms' } };
    const result = await run(parseScenario({ duration: '500ms', cohorts }), {
      redis: `redis://127.0.0.1:${server.endpoint.port}`,
    });
    assert.ok(result.totals.outcomes.stale > 0);
    assert.is(result.staleMemoryBytes.value, null);
    assert.equal(result.staleMemoryBytes.overheadBytes, { idle: null, due: null });
    assert.match(result.staleMemoryBytes.method, /does not tell/);
    assert.ok(result.series.staleMemoryBytes.every((bytes) => bytes === null));
    assert.ok(result.serverUse.peakUsedMemoryBytes! > 0);
  } finally {
    await server.stop();
  }
});

test.run();
