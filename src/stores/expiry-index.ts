import {
  type Arg,
  accepted,
  changed,
  DEADLINE,
  found,
  KEY,
  nth,
  numbered,
  type Operation,
  PAYLOAD,
  SENT,
  type StoreProfile,
  sharedKey,
  transaction,
} from './profile.ts';

const INDEX = sharedKey('deadlines');
const MEMBER = numbered('s', 'index');

const write = (does: 'create' | 'rewrite'): Operation =>
  transaction(
    [
      ['SET', KEY, PAYLOAD, 'PXAT', DEADLINE],
      ['ZADD', INDEX, DEADLINE, MEMBER],
    ],
    { does, reads: nth(0, accepted), deadline: SENT },
  );
const touch: Arg[][] = [
  ['PEXPIREAT', KEY, DEADLINE],
  ['ZADD', INDEX, 'XX', DEADLINE, MEMBER],
];
const destroy: Arg[][] = [
  ['DEL', KEY],
  ['ZREM', INDEX, MEMBER],
];

/**
 * A session as one string key, and beside it a sorted set of all sessions by their deadlines, changed in one transaction:
 * what a sweeper reads to find the sessions that are due. A session that expires stays in the set until it is swept.
 */
export const expiryIndex = {
  create: write('create'),
  read: [{ args: ['GET', KEY], does: 'read', reads: found }],
  refreshes: {
    touch: transaction(touch, { does: 'touch', reads: nth(0, changed), deadline: SENT }),
    rewrite: write('rewrite'),
  },
  destroy: transaction(destroy, { does: 'logout', reads: nth(0, changed) }),
  companions: [INDEX],
  uncountable: null,
} satisfies StoreProfile;
