import {
  changed,
  filled,
  KEY,
  keyOf,
  lasting,
  numbered,
  PAYLOAD,
  type StoreCommand,
  type StoreProfile,
  type Sweep,
  wholeSeconds,
} from './profile.ts';

const MINUTE_MS = 60_000;
const FIVE_MINUTES_MS = 300_000;
/** `roundUpToNextMinute`, of a whole minute too; `roundDownMinute`. */
const nextMinute = (ms: number): number => thisMinute(ms) + MINUTE_MS;
const thisMinute = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

const wholeMs = (ttlMs: number): number => wholeSeconds(ttlMs) * 1000;
const TTL = numbered('', 'ttl', wholeMs);
const LONGER_TTL = numbered('', 'ttl', (ttlMs) => wholeMs(ttlMs) + FIVE_MINUTES_MS);
const { deadline } = lasting(wholeSeconds);

const NOW = numbered('', 'now');
const CREATED = ['creationTime', NOW, 'maxInactiveInterval', numbered('', 'ttl', wholeSeconds)];

const DATA = keyOf('sessions:', 'index');
const DUE_THEN = keyOf('expirations:', 'deadline', nextMinute);
const WAS_DUE_THEN = keyOf('expirations:', 'formerDeadline', nextMinute);
const DUE_AT_ONCE = keyOf('expirations:', 'now', nextMinute);
const SWEPT = keyOf('expirations:', 'now', thisMinute);
const MEMBER = numbered('expires:', 'index');

/** `onExpirationUpdated`: the set of its minute, the empty key that expires, the data that outlives it. */
const expireAnew = (does: 'create' | 'rewrite'): StoreCommand[] => [
  { args: ['SADD', DUE_THEN, MEMBER] },
  { args: ['PEXPIRE', DUE_THEN, LONGER_TTL] },
  { args: ['APPEND', KEY, ''] },
  { args: ['PEXPIRE', KEY, TTL], does, reads: changed, deadline },
  { args: ['PEXPIRE', DATA, LONGER_TTL] },
];

/**
 * Spring Session's RedisIndexedSessionRepository with its RedisSessionExpirationPolicy (spring-session-data-redis 3, both
 * read in spring-projects/spring-session), sessions without a principal.
 *
 * A session is a hash with its data, which outlives it by 300 s, an empty key `sessions:expires:<id>`, whose `expired` event
 * tells of its end (here the session's key), and a member of the set of the minute in which it falls due.
 *
 * - `saveDelta` of a new session: HMSET, PUBLISH, then `onExpirationUpdated`. RedisTemplate.expire sends PEXPIRE
 * - of a request: HMSET of the time of access; where that moves it to another minute, SREM from the former; then the same.
 *   APPEND makes the empty key anew, so a request that comes late brings it back
 * - `getSession`: HGETALL of the data; whether the session is past its time is told by the time of access in it
 * - `deleteById`: after the DEL of the empty key it saves the session with an interval of 0, which makes it a member of the
 *   set of the current minute and leaves its data for 300 s. The set that it is taken from first is that of its deadline
 * - `cleanExpiredSessions`, each minute: SMEMBERS of the minute that has passed, DEL, EXISTS of each member's empty key
 *
 * Not sent: what each application does on an `expired` event (HGETALL of the data).
 */
export const springIndexed = ({ sweepEveryMs }: { sweepEveryMs: number | null }) =>
  ({
    create: [
      { args: ['HMSET', DATA, ...CREATED, 'lastAccessedTime', NOW, 'sessionAttr:data', PAYLOAD] },
      { args: ['PUBLISH', keyOf('event:created:', 'index'), PAYLOAD] },
      ...expireAnew('create'),
    ],
    read: [{ args: ['HGETALL', DATA], reads: filled }],
    refreshes: {
      rewrite: [
        { args: ['HMSET', DATA, 'lastAccessedTime', NOW] },
        {
          args: ['SREM', WAS_DUE_THEN, MEMBER],
          onlyIf: ({ formerDeadline, deadline }) => nextMinute(formerDeadline) !== nextMinute(deadline),
        },
        ...expireAnew('rewrite'),
      ],
    },
    destroy: [
      { args: ['HGETALL', DATA] },
      { args: ['HGETALL', DATA] },
      { args: ['SREM', WAS_DUE_THEN, MEMBER] },
      { args: ['DEL', KEY], does: 'logout', reads: changed },
      { args: ['HMSET', DATA, 'maxInactiveInterval', '0'] },
      { args: ['SADD', DUE_AT_ONCE, MEMBER] },
      { args: ['PEXPIRE', DUE_AT_ONCE, String(FIVE_MINUTES_MS)] },
      { args: ['DEL', KEY] },
      { args: ['PEXPIRE', DATA, String(FIVE_MINUTES_MS)] },
    ],
    companions: [DATA, DUE_THEN, WAS_DUE_THEN, DUE_AT_ONCE],
    uncountable: "a session's data and the set of its minute have TTLs too",
    judgesAge: true,
    ...(sweepEveryMs !== null && { sweep: sweepEach(sweepEveryMs) }),
  }) satisfies StoreProfile;

const sweepEach = (everyMs: number): Sweep => ({
  everyMs,
  take: [{ args: ['SMEMBERS', SWEPT] }, { args: ['DEL', SWEPT] }],
  indexOf: (member) => {
    const [, index] = /^expires:(\d+)$/.exec(member) ?? [];
    return index === undefined ? null : Number(index);
  },
  each: [{ args: ['EXISTS', KEY], does: 'read', reads: changed }],
});
