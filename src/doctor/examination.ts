import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connect } from '../redis/connect.ts';
import type { Endpoint } from '../redis/endpoint.ts';
import { identify } from '../redis/identify.ts';
import { parseInfo } from '../redis/info.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';

/** A server as it was found, by a few commands that read. What it does not tell, or forbids to ask, is `null`. */
export interface Examination {
  endpoint: Endpoint;
  engine: string;
  version: string;
  /** INFO everything, twice, so many seconds apart. */
  before: ReadonlyMap<string, string>;
  now: ReadonlyMap<string, string>;
  seconds: number;
  /** CONFIG GET *. */
  settings: Readonly<Record<string, string>> | null;
  /** CLIENT LIST: of each connection its fields by name. */
  clients: readonly ReadonlyMap<string, string>[] | null;
  /** PUBSUB: who listens to `expired` of the database by name, and how many patterns are subscribed to. */
  listeners: { toExpired: number; patterns: number } | null;
  /** What could not be asked, with the server's words. */
  refused: readonly string[];
}

const CLIENT_NAME = 'ttlscope-doctor';

/**
 * Asks a server what its findings need: INFO twice, CONFIG GET, CLIENT LIST, PUBSUB NUMSUB and NUMPAT. Writes nothing, reads no
 * key, and looks through none.
 *
 * @param watchMs between the two looks
 * @throws {ServerUnusable} when it cannot be reached, or refuses INFO
 */
export async function examine(endpoint: Endpoint, watchMs: number, signal?: AbortSignal): Promise<Examination> {
  const redis = await connect(endpoint, { name: CLIENT_NAME });
  const refused: string[] = [];
  const ask = async <Reply>(what: string, asking: Promise<unknown>): Promise<Reply | null> => {
    try {
      return (await asking) as Reply;
    } catch (error) {
      refused.push(`${what}: ${(error as Error).message}`);
      return null;
    }
  };
  try {
    const before = await look(redis);
    const settings = await ask<string[]>('CONFIG GET', redis.config('GET', '*'));
    const clients = await ask<string>('CLIENT LIST', redis.client('LIST'));
    const channel = `__keyevent@${endpoint.db}__:expired`;
    const numsub = await ask<[string, number]>('PUBSUB NUMSUB', redis.pubsub('NUMSUB', channel));
    const numpat = await ask<number>('PUBSUB NUMPAT', redis.pubsub('NUMPAT'));
    await delay(watchMs, undefined, signal && { signal });
    const now = await look(redis);
    const [engine, version] = identify(now.info);
    return {
      endpoint,
      engine,
      version,
      before: before.info,
      now: now.info,
      seconds: (now.atMonoMs - before.atMonoMs) / 1000,
      settings: settings && pairs(settings),
      clients: clients === null ? null : clients.split('\n').filter(Boolean).map(fields).filter(isOthers),
      listeners: numsub === null || numpat === null ? null : { toExpired: Number(numsub[1]), patterns: numpat },
      refused,
    };
  } catch (error) {
    if (error instanceof ServerUnusable || signal?.aborted) throw error;
    const { message } = error as Error;
    throw new ServerUnusable(`INFO: ${message}`, 'a user that may call INFO is needed: ACL SETUSER … +info');
  } finally {
    redis.disconnect();
  }
}

async function look(redis: Redis): Promise<{ info: Map<string, string>; atMonoMs: number }> {
  const text = await redis.info('everything');
  return { info: parseInfo(text), atMonoMs: performance.now() };
}

function pairs(flat: readonly string[]): Record<string, string> {
  const entries = flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as const] : []));
  return Object.fromEntries(entries);
}

function fields(line: string): Map<string, string> {
  return new Map(line.split(' ').map((pair) => pair.split('=', 2) as [string, string]));
}

function isOthers(client: ReadonlyMap<string, string>): boolean {
  return client.get('name') !== CLIENT_NAME;
}
