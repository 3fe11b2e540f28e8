import {
  AFTER_SECONDS,
  accepted,
  changed,
  found,
  KEY,
  type Operation,
  PAYLOAD,
  SECONDS,
  type StoreProfile,
} from './profile.ts';

const write = (does: 'create' | 'rewrite'): Operation => [
  { args: ['SET', KEY, PAYLOAD, 'EX', SECONDS], does, reads: accepted, deadline: AFTER_SECONDS },
];

/**
 * @fastify/session 11.1.3 (index.js, lib/session.js) over the store of connect-redis 9.0.0, as its documentation has it,
 * `saveUninitialized: false`.
 *
 * The plugin knows get, set and destroy only. With `rolling`, which is its default, `onSend` saves the session on each
 * request (`shouldSaveSession`), a full SET EX; without it only one that has changed. The TTL is the cookie's rest of life
 * rounded up to seconds, and reading the session has just begun that anew (lib/cookie.js, `maxAge`).
 *
 * A session whose cookie is past its `expires` is destroyed and made anew under another id (`regenerate`); its key is gone
 * by then.
 */
export const fastifySession = {
  create: write('create'),
  read: [{ args: ['GET', KEY], does: 'read', reads: found }],
  refreshes: { rewrite: write('rewrite') },
  destroy: [{ args: ['GET', KEY] }, { args: ['DEL', KEY], does: 'logout', reads: changed }],
  companions: [],
  uncountable: null,
} satisfies StoreProfile;
