import type { Redis } from 'ioredis';
import { keyspace, parseInfo } from './info.ts';

/**
 * Whether a SET with a deadline already past leaves no key: it does on Valkey from 8.0 on, where on Redis it leaves one
 * that is stale at once. Both answer OK, and a stale key reads as gone, so the server's own count of keys tells, in one
 * transaction. A server that refuses the SET, for want of memory say, is taken for a Redis.
 *
 * @param key of the run's own; it is gone afterwards
 */
export async function dropsPast(redis: Redis, key: string, db: number): Promise<boolean> {
  const replies = await redis
    .multi()
    .info()
    .set(key, '', 'PXAT', 1)
    .info()
    .del(key)
    .exec()
    .catch(() => null);
  const [before, set, after] = replies ?? [];
  if (!before || !after || set?.[1] !== 'OK') return false;
  const keys = ([, text]: [unknown, unknown]): number => keyspace(parseInfo(String(text)), db).keys;
  return keys(after) === keys(before);
}
