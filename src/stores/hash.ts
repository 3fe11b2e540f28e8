import {
  AFTER_SECONDS,
  type Arg,
  changed,
  filled,
  KEY,
  nth,
  type Operation,
  PAYLOAD,
  SECONDS,
  type StoreProfile,
  transaction,
} from './profile.ts';

/**
 * A session as a hash with a TTL: HSET and EXPIRE, in a transaction or one after the other. Without the transaction a client
 * that dies between the two leaves a session that never expires.
 */
export const hash = ({ multi }: { multi: boolean }) => {
  const set: Arg[] = ['HSET', KEY, 'data', PAYLOAD];
  const expire: Arg[] = ['EXPIRE', KEY, SECONDS];
  const write = (does: 'create' | 'rewrite'): Operation =>
    multi
      ? transaction([set, expire], { does, reads: nth(1, changed), deadline: AFTER_SECONDS })
      : [{ args: set }, { args: expire, does, reads: changed, deadline: AFTER_SECONDS }];
  return {
    create: write('create'),
    read: [{ args: ['HGETALL', KEY], does: 'read', reads: filled }],
    refreshes: {
      touch: [{ args: expire, does: 'touch', reads: changed, deadline: AFTER_SECONDS }],
      rewrite: write('rewrite'),
    },
    destroy: [{ args: ['DEL', KEY], does: 'logout', reads: changed }],
    companions: [],
    uncountable: null,
  } satisfies StoreProfile;
};
