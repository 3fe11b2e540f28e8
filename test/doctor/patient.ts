import { Redis } from 'ioredis';
import { factsSince, look } from '../../src/doctor/examination.ts';
import type { Facts } from '../../src/doctor/facts.ts';
import type { Finding, Rule } from '../../src/doctor/rule.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';

export interface Patient {
  endpoint: Endpoint;
  redis: Redis;
  /** A further connection, closed with the server. */
  client(options?: { username: string; password: string }): Redis;
  /** What it tells, with something done between the two looks. */
  facts(between?: () => Promise<unknown>): Promise<Facts>;
  findings(rule: Rule, between?: () => Promise<unknown>): Promise<Finding[]>;
}

/** A server with these settings, as long as `use` takes. */
export async function withPatient(
  settings: Readonly<Record<string, string>>,
  use: (patient: Patient) => Promise<void>,
): Promise<void> {
  const server = await startEmbeddedServer({ settings });
  const clients: Redis[] = [];
  const { endpoint } = server;
  const client: Patient['client'] = (options) => {
    const redis = new Redis({ host: endpoint.host, port: endpoint.port, retryStrategy: () => null, ...options });
    redis.on('error', () => {});
    clients.push(redis);
    return redis;
  };
  const redis = client();
  const facts: Patient['facts'] = async (between = async () => {}) => {
    const first = await look(redis);
    await between();
    return factsSince(first, redis, endpoint);
  };
  try {
    await use({
      endpoint,
      redis,
      client,
      facts,
      findings: async (rule, between) => rule.examine(await facts(between)),
    });
  } finally {
    for (const each of clients) each.disconnect();
    await server.stop();
  }
}

/** Keys of the names `prefix0`, `prefix1`, … with a TTL, or without. */
export async function setKeys(
  redis: Redis,
  prefix: string,
  count: number,
  ttlMs: number | null,
  value = '',
): Promise<void> {
  const pipeline = redis.pipeline();
  for (let i = 0; i < count; i++) {
    if (ttlMs === null) pipeline.set(`${prefix}${i}`, value);
    else pipeline.set(`${prefix}${i}`, value, 'PX', ttlMs);
  }
  await pipeline.exec();
}

/** Waits until a condition holds, which must come about within 10 s. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error('it did not come about within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
