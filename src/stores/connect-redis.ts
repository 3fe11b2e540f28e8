import {
  AFTER_SECONDS,
  accepted,
  changed,
  found,
  KEY,
  NEVER,
  type Operation,
  PAYLOAD,
  SECONDS,
  type StoreProfile,
} from './profile.ts';

/**
 * connect-redis 9.0.0 (`RedisStore` in dist/connect-redis.js) with express-session 1.19.0 (index.js), `resave: false` and
 * `saveUninitialized: false`.
 *
 * - `set`: SET EX, with the cookie's rest of life rounded up to seconds (`getTTL`); with `disableTTL` a SET alone, which
 *   never expires
 * - `touch`: EXPIRE with the same, on each request that did not change the session (`shouldTouch`); with `disableTouch` or
 *   `disableTTL` nothing. A request that did change it is a `set` (`shouldSave`), which brings back what was logged out
 * - `get`: GET, before each of these but for the first request of a visitor, who has no cookie
 * - `destroy`: DEL
 */
export const connectRedis = ({ disableTtl, disableTouch }: { disableTtl: boolean; disableTouch: boolean }) => {
  const write = (does: 'create' | 'rewrite'): Operation => [
    disableTtl
      ? { args: ['SET', KEY, PAYLOAD], does, reads: accepted, deadline: NEVER }
      : { args: ['SET', KEY, PAYLOAD, 'EX', SECONDS], does, reads: accepted, deadline: AFTER_SECONDS },
  ];
  const touch: Operation = [{ args: ['EXPIRE', KEY, SECONDS], does: 'touch', reads: changed, deadline: AFTER_SECONDS }];
  return {
    create: write('create'),
    read: [{ args: ['GET', KEY], does: 'read', reads: found }],
    refreshes: { ...(!disableTtl && !disableTouch && { touch }), rewrite: write('rewrite') },
    destroy: [{ args: ['GET', KEY] }, { args: ['DEL', KEY], does: 'logout', reads: changed }],
    companions: [],
    uncountable: disableTtl ? 'its sessions have no TTL' : null,
  } satisfies StoreProfile;
};
