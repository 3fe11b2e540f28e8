import type { Redis } from 'ioredis';

/** The cycle may come first: at hz 500 it often does. */
const TRIES = 30;
/** Of different lengths, so that not all meet the same phase of the cycle. */
const TTLS_MS = [2, 3];
const GONE_AFTER_SECONDS = 10;

/**
 * Whether HGET deletes a field that it finds past its deadline: it does on Redis (8.0), not on Valkey (9.1). HLEN, which
 * counts such fields too, tells in one transaction, of the first read that finds none. `false` where the server's cycle was
 * faster each time, and where there are no TTLs of fields.
 *
 * @param key of the run's own; it is gone afterwards
 */
export async function readsDelete(redis: Redis, key: string): Promise<boolean> {
  try {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (!(await makeField(redis, key, TTLS_MS[attempt % TTLS_MS.length]!))) return false;
      let [before, value, after]: unknown[] = [];
      do {
        const replies = await redis.multi().hlen(key).hget(key, 'f').hlen(key).exec();
        [before, value, after] = replies!.map(([, reply]) => reply);
      } while (value === '');
      if (value === null && before === 1) return after === 0;
    }
    return false;
  } finally {
    await redis.del(key);
  }
}

/** A field that is soon past its deadline. @returns whether the server made one */
async function makeField(redis: Redis, key: string, ttlMs: number): Promise<boolean> {
  const [seconds, micros] = await redis.time();
  const deadlineMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000) + ttlMs;
  const made = redis.multi().hset(key, 'f', '').expire(key, GONE_AFTER_SECONDS);
  const replies = await made
    .call('HPEXPIREAT', key, String(deadlineMs), 'FIELDS', '1', 'f')
    .exec()
    .catch(() => null);
  return replies?.every(([error]) => error === null) ?? false;
}
