import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connect } from './connect.ts';
import type { Endpoint } from './endpoint.ts';

const FIELDS_LIMIT_MS = 2_000;
const HEARD_LIMIT_MS = 5_000;

/** Flags of notify-keyspace-events that can be tried; an eviction, say, cannot be brought about. */
export const PROBED_FLAGS = 'Exnh';

/** By event, the flags that its coming proves. */
const PROVES = { expired: 'Ex', new: 'n', hexpired: 'h' } as const;

type ProbedEvent = keyof typeof PROVES;

/**
 * Those flags that are on, as a key of our own shows that is made and read past its deadline: for a server that does not
 * tell the setting. What is published is heard in order, so a message of our own ends the wait.
 *
 * @param prefix of our own keys and channels; nothing is left under it
 * @param hasFields try hash fields too, which the server expires in its own time
 */
export async function probeEvents(
  redis: Redis,
  endpoint: Endpoint,
  prefix: string,
  hasFields: boolean,
): Promise<string> {
  const key = `${prefix}d0`;
  const end = `${prefix}probed`;
  const events: ProbedEvent[] = ['expired', 'new', ...(hasFields ? (['hexpired'] as const) : [])];
  const channels = new Map(events.map((event) => [`__keyevent@${endpoint.db}__:${event}`, event]));
  const heard = new Set<ProbedEvent>();
  const subscriber = await connect(endpoint, { name: 'ttlscope-probe' });
  try {
    subscriber.on('message', (channel: string, message: string) => {
      const event = channels.get(channel);
      if (event && message.startsWith(key)) heard.add(event);
      if (channel === end) subscriber.emit('probed');
    });
    await subscriber.subscribe(end, ...channels.keys());
    await redis.set(key, '', 'PX', 1);
    while ((await redis.get(key)) !== null) await delay(1);
    if (hasFields) await expireField(redis, `${key}h`, () => heard.has('hexpired'));
    const probed = once(subscriber, 'probed', { signal: AbortSignal.timeout(HEARD_LIMIT_MS) });
    await redis.publish(end, '');
    await probed;
    return events
      .filter((event) => heard.has(event))
      .map((event) => PROVES[event])
      .join('');
  } finally {
    subscriber.disconnect();
  }
}

/** Returns when the event has been heard, or should have been. */
async function expireField(redis: Redis, key: string, isHeard: () => boolean): Promise<void> {
  const until = performance.now() + FIELDS_LIMIT_MS;
  await redis.hset(key, 'f', '');
  await redis.call('HPEXPIRE', key, '1', 'FIELDS', '1', 'f');
  while (!isHeard() && performance.now() < until) await delay(10);
  await redis.del(key);
}
