import type { StringCreation } from '../scenario/store.ts';
import {
  AFTER_SECONDS,
  accepted,
  changed,
  DEADLINE,
  found,
  KEY,
  numbered,
  type Operation,
  PAYLOAD,
  SECONDS,
  SENT,
  type StoreProfile,
} from './profile.ts';

/**
 * A session as one string key. Creations as they are found in the field: `SET PXAT`, where the harness sets the deadline;
 * `SETEX` and `SET EX`, where the server counts whole seconds; `SET` with an `EXPIRE` behind it, which leaves a session
 * without a TTL when the client dies between the two. A rewrite sends what creates.
 */
export const string = ({ creation }: { creation: StringCreation }) => {
  const sendsDeadline = creation === 'set-pxat';
  const write = (does: 'create' | 'rewrite'): Operation => {
    switch (creation) {
      case 'set-pxat':
        return [{ args: ['SET', KEY, PAYLOAD, 'PXAT', DEADLINE], does, reads: accepted, deadline: SENT }];
      case 'setex':
        return [{ args: ['SETEX', KEY, SECONDS, PAYLOAD], does, reads: accepted, deadline: AFTER_SECONDS }];
      case 'set-ex':
        return [{ args: ['SET', KEY, PAYLOAD, 'EX', SECONDS], does, reads: accepted, deadline: AFTER_SECONDS }];
      case 'set-then-expire':
        return [
          { args: ['SET', KEY, PAYLOAD] },
          { args: ['EXPIRE', KEY, SECONDS], does, reads: changed, deadline: AFTER_SECONDS },
        ];
      default:
        return creation satisfies never;
    }
  };
  return {
    create: write('create'),
    read: [{ args: ['GET', KEY], does: 'read', reads: found }],
    refreshes: {
      touch: [
        sendsDeadline
          ? {
              args: ['PEXPIRE', KEY, numbered('', 'ttl')],
              does: 'touch',
              reads: changed,
              deadline: { kind: 'relative', ttlMs: (ttlMs) => ttlMs },
            }
          : { args: ['EXPIRE', KEY, SECONDS], does: 'touch', reads: changed, deadline: AFTER_SECONDS },
      ],
      rewrite: write('rewrite'),
      getex: [
        {
          args: ['GETEX', KEY, ...(sendsDeadline ? ['PXAT', DEADLINE] : ['EX', SECONDS])],
          does: 'getex',
          reads: found,
          deadline: sendsDeadline ? SENT : AFTER_SECONDS,
        },
      ],
    },
    destroy: [{ args: ['DEL', KEY], does: 'logout', reads: changed }],
    companions: [],
    uncountable: null,
  } satisfies StoreProfile;
};
