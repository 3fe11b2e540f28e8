import { accepted, changed, DEADLINE, found, KEY, numbered, PAYLOAD, SENT, type StoreProfile } from './profile.ts';

export const string = {
  create: [{ args: ['SET', KEY, PAYLOAD, 'PXAT', DEADLINE], does: 'create', reads: accepted, deadline: SENT }],
  read: [{ args: ['GET', KEY], does: 'read', reads: found }],
  refreshes: {
    touch: [
      {
        args: ['PEXPIRE', KEY, numbered('', 'ttl')],
        does: 'touch',
        reads: changed,
        deadline: { kind: 'relative', ttlMs: (ttlMs) => ttlMs },
      },
    ],
    rewrite: [{ args: ['SET', KEY, PAYLOAD, 'PXAT', DEADLINE], does: 'rewrite', reads: accepted, deadline: SENT }],
    getex: [{ args: ['GETEX', KEY, 'PXAT', DEADLINE], does: 'getex', reads: found, deadline: SENT }],
  },
  refresh: 'none',
  destroy: [{ args: ['DEL', KEY], does: 'logout', reads: changed }],
  companions: [],
  uncountable: null,
} satisfies StoreProfile;
