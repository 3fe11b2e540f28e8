import type { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
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

export interface Played {
  result: Result;
  lives: LifeRow[];
  url: string;
}

type Act = (client: Redis, server: TestRedis) => unknown;

/**
 * Runs the cohorts on a server of its own; `midway` acts about the middle of the measurement, `inFill` during the fill,
 * `after` at the end.
 */
export async function play(
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
