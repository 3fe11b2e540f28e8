import {
  AFTER_SECONDS,
  accepted,
  changed,
  found,
  KEY,
  keyOf,
  type Operation,
  PAYLOAD,
  SECONDS,
  type StoreCommand,
  type StoreProfile,
} from './profile.ts';

const LOCK = keyOf('lock-', 'index');
const SECRET = '0123456789abcdef0123456789abcdef';
/** `max_execution_time`, which a lock lasts when `redis.session.lock_expire` is not set. */
const LOCK_MS = '30000';
const RELEASE = 'if redis.call("get",KEYS[1]) == ARGV[1] then return redis.call("del",KEYS[1]) else return 0 end';

const lock: StoreCommand = { args: ['SET', LOCK, SECRET, 'NX', 'PX', LOCK_MS] };
const release: StoreCommand = { args: ['EVAL', RELEASE, '1', LOCK, SECRET] };

/**
 * phpredis's session handler (redis_session.c of phpredis/phpredis, 6.x), PHP's `session.lazy_write` on and
 * `session.use_strict_mode` off, as they are by default.
 *
 * - PS_READ: GET; with `redis.session.early_refresh` GETEX EX, here the refresh `getex`
 * - PS_WRITE: SETEX with `session.gc_maxlifetime`, when the request changed the session
 * - PS_UPDATE_TIMESTAMP: EXPIRE with the same, when it did not. The development branch sends a SETEX when that finds nothing
 * - PS_DESTROY: DEL
 * - `lock_acquire`, before a session is read or made: SET NX PX. A lock that is taken is asked for again for 2 s; here the
 *   request goes on
 * - `lock_release`: EVALSHA, and EVAL the first time; here always EVAL, which needs no script to be there
 *
 * PHP holds the lock until the session is written. Here it is released with the read, as for a session that is opened with
 * `read_and_close`: as many commands, and no lock is left by a request that does not refresh.
 */
export const phpredis = ({ locking }: { locking: boolean }) => {
  const locked = (commands: Operation): Operation => (locking ? [lock, ...commands, release] : commands);
  const write = (does: 'create' | 'rewrite'): StoreCommand => ({
    args: ['SETEX', KEY, SECONDS, PAYLOAD],
    does,
    reads: accepted,
    deadline: AFTER_SECONDS,
  });
  return {
    create: locked([{ args: ['GET', KEY] }, write('create')]),
    read: locked([{ args: ['GET', KEY], does: 'read', reads: found }]),
    refreshes: {
      touch: [{ args: ['EXPIRE', KEY, SECONDS], does: 'touch', reads: changed, deadline: AFTER_SECONDS }],
      rewrite: [write('rewrite')],
      getex: locked([{ args: ['GETEX', KEY, 'EX', SECONDS], does: 'getex', reads: found, deadline: AFTER_SECONDS }]),
    },
    destroy: [...locked([{ args: ['GET', KEY] }]), { args: ['DEL', KEY], does: 'logout', reads: changed }],
    companions: locking ? [LOCK] : [],
    uncountable: locking ? 'a lock has a TTL too' : null,
  } satisfies StoreProfile;
};
