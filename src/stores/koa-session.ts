import {
  accepted,
  changed,
  found,
  KEY,
  lasting,
  type Operation,
  PAYLOAD,
  type StoreProfile,
  wholeSeconds,
} from './profile.ts';

/** "Ensure store expired after cookie." */
const AFTER_COOKIE_MS = 10_000;
const { arg: SECONDS, deadline } = lasting((ttlMs) => wholeSeconds(ttlMs + AFTER_COOKIE_MS));

const write = (does: 'create' | 'rewrite'): Operation => [
  { args: ['SETEX', KEY, SECONDS, PAYLOAD], does, reads: accepted, deadline },
];

/**
 * koa-session 7.0.2 (src/context.ts) with koa-redis 4.0.1 (lib/index.js, `RedisStore`).
 *
 * - `save` hands `maxAge` and 10 s more to the store, which rounds up to seconds and sends SETEX
 * - `_shouldSaveSession`: a request saves a session that has changed; with `rolling` each; with `renew` one that has less
 *   than half its `maxAge` left. Both are off by default
 * - `valid`: a session past its `maxAge` is not valid, although its key lives for 10 s more
 * - `remove`: DEL; nothing touches
 */
export const koaSession = {
  create: write('create'),
  read: [{ args: ['GET', KEY], does: 'read', reads: found }],
  refreshes: { rewrite: write('rewrite') },
  destroy: [{ args: ['GET', KEY] }, { args: ['DEL', KEY], does: 'logout', reads: changed }],
  companions: [],
  uncountable: null,
  judgesAge: true,
} satisfies StoreProfile;
