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

/** `save`: whether the session is there is asked first; not atomically, so one that ends between the two comes back. */
const save: StoreCommand[] = [
  { args: ['GET', KEY] },
  { args: ['SET', KEY, PAYLOAD, 'EX', SECONDS], does: 'rewrite', reads: accepted, deadline: AFTER_SECONDS },
];

/**
 * Django's session engine `cache` (django/contrib/sessions/backends/cache.py, `SessionStore`) over its Redis cache
 * (django/core/cache/backends/redis.py, `RedisCacheClient`), which sends by redis-py.
 *
 * - a login (`cycle_key`): `create` adds the session, SET EX NX; at the end of the request the middleware saves it, since it
 *   has changed: GET, then SET EX
 * - `load`: GET
 * - a request saves a session that has changed; with SESSION_SAVE_EVERY_REQUEST each: that is the refresh `rewrite`
 * - `delete`: DEL; nothing touches
 */
export const django = {
  create: [
    {
      args: ['SET', KEY, PAYLOAD, 'EX', SECONDS, 'NX'],
      does: 'create',
      reads: found,
      deadline: AFTER_SECONDS,
    },
    ...save,
  ],
  read: [{ args: ['GET', KEY], does: 'read', reads: found }],
  refreshes: { rewrite: save },
  destroy: [{ args: ['GET', KEY] }, { args: ['DEL', KEY], does: 'logout', reads: changed }],
  companions: [],
  uncountable: null,
} satisfies StoreProfile;
