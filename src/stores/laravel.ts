import {
  AFTER_SECONDS,
  accepted,
  changed,
  found,
  KEY,
  PAYLOAD,
  SECONDS,
  type StoreCommand,
  type StoreProfile,
} from './profile.ts';

const write = (does: 'create' | 'rewrite'): StoreCommand => ({
  args: ['SETEX', KEY, SECONDS, PAYLOAD],
  does,
  reads: accepted,
  deadline: AFTER_SECONDS,
});

/**
 * Laravel's session driver `redis`: Illuminate\Session\CacheBasedSessionHandler over Illuminate\Cache\RedisStore (both
 * read in laravel/framework).
 *
 * - `read` → `RedisStore::get`: GET, of a new session too: Session\Store draws its id first and then loads it
 * - `write` → `put`: SETEX with the lifetime in seconds, at the end of each request (`Store::save`), changed or not. So a
 *   request that comes late brings its session back
 * - `destroy` → `forget`: DEL. A logout (`invalidate`) goes on with a new guest's session, which is another session
 */
export const laravel = {
  create: [{ args: ['GET', KEY] }, write('create')],
  read: [{ args: ['GET', KEY], does: 'read', reads: found }],
  refreshes: { rewrite: [write('rewrite')] },
  destroy: [{ args: ['GET', KEY] }, { args: ['DEL', KEY], does: 'logout', reads: changed }],
  companions: [],
  uncountable: null,
} satisfies StoreProfile;
