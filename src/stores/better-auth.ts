import {
  accepted,
  changed,
  found,
  KEY,
  keyOf,
  lasting,
  PAYLOAD,
  type StoreCommand,
  type StoreProfile,
} from './profile.ts';

const SESSIONS_OF_USER = keyOf('active-sessions-', 'user');
const REVOKED_BEFORE = keyOf('revoked-sessions-before-', 'user');

/**
 * `getTTLSeconds` rounds down what is left of the session, some milliseconds after `expiresAt` was made: of 7 days a second
 * less. Below one second it would not store the session at all.
 */
const { arg: SECONDS, deadline } = lasting((ttlMs) => Math.max(1, Math.floor((ttlMs - 1) / 1000)));

/** The user's sessions as the list of one; with more of them it is longer. */
const LIST_OF_ONE = `[{"token":"${'0'.repeat(32)}","expiresAt":1700000000000}]`;
const listSession: StoreCommand = { args: ['SETEX', SESSIONS_OF_USER, SECONDS, LIST_OF_ONE] };
const write = (does: 'create' | 'rewrite'): StoreCommand => ({
  args: ['SETEX', KEY, SECONDS, PAYLOAD],
  does,
  reads: accepted,
  deadline,
});

/**
 * better-auth 1.7.25 (dist/db/internal-adapter.mjs, dist/api/routes/session.mjs and sign-out.mjs) with sessions in
 * secondary storage alone, which is `redisStorage` of @better-auth/redis-storage 1.7.5: get is GET, set is SETEX, delete is
 * DEL.
 *
 * - `createSession`: reads and writes the list of the user's sessions, whose TTL is that of the session that lasts longest,
 *   then writes the session
 * - `findSession`: reads the session, and if it is there since when the user's sessions are revoked
 * - `updateSession`, when a session is `updateAge` old, by default 1 of 7 days: reads and writes the session, then the list.
 *   That it reads first keeps a session that was logged out from coming back, but for one that ends between the two
 * - `deleteSession`: takes the session from the list, and deletes the list of a user who has no other. Here each user has
 *   but one
 */
export const betterAuth = {
  create: [{ args: ['GET', SESSIONS_OF_USER] }, listSession, write('create')],
  read: [{ args: ['GET', KEY], does: 'read', reads: found }, { args: ['GET', REVOKED_BEFORE] }],
  refreshes: {
    rewrite: [{ args: ['GET', KEY] }, write('rewrite'), { args: ['GET', SESSIONS_OF_USER] }, listSession],
  },
  destroy: [
    { args: ['GET', KEY] },
    { args: ['GET', REVOKED_BEFORE] },
    { args: ['GET', KEY] },
    { args: ['GET', SESSIONS_OF_USER] },
    { args: ['DEL', SESSIONS_OF_USER] },
    { args: ['DEL', KEY], does: 'logout', reads: changed },
  ],
  companions: [SESSIONS_OF_USER],
  uncountable: "the list of a user's sessions has a TTL too",
} satisfies StoreProfile;
