import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** The cycle may come first. */
const TRIES = 5;
const TTL_MS = 2;
const PAST_AFTER_MS = 5;
const GONE_AFTER_SECONDS = 10;

/**
 * Whether HGET deletes a field that it finds past its deadline: it does on Redis (8.0), not on Valkey (9.1). HLEN, which
 * counts such fields too, tells in one transaction. `false` where the
 * server's cycle was faster each time, and where there are no TTLs of fields.
 *
 * @param key of the run's own; it is gone afterwards
 */
export async function readsDelete(redis: Redis, key: string): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const [seconds, micros] = await redis.time();
    const deadlineMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) + TTL_MS;
    const made = redis.multi().hset(key, 'f', '').expire(key, GONE_AFTER_SECONDS);
    await made
      .call('HPEXPIREAT', key, String(deadlineMs), 'FIELDS', '1', 'f')
      .exec()
      .catch(() => null);
    await delay(PAST_AFTER_MS);
    const replies = await redis.multi().hlen(key).hget(key, 'f').hlen(key).del(key).exec();
    const [before, , after] = (replies ?? []).map(([, reply]) => reply);
    if (before === 1) return after === 0;
  }
  return false;
}
