import type { Reply } from '../redis/resp.ts';
import {
  type Arg,
  type Asked,
  DEADLINE,
  foundField,
  nth,
  numbered,
  type Operation,
  PAYLOAD,
  SENT,
  type StoreAnswer,
  type StoreProfile,
  sharedKey,
  transaction,
} from './profile.ts';

const FIELDS = sharedKey('fields');
const FIELD = numbered('f', 'index');

/**
 * Of HPEXPIREAT: 1, or 2 when the deadline is past and the field deleted at once; -2 when there is no field, when it has
 * changed nothing. That a field is gone is told by the count of them, not by replies: see FieldWatch.
 */
const moved = (reply: Reply): StoreAnswer => {
  const [code] = Array.isArray(reply) ? reply : [reply];
  return code === 1 || code === 2 ? 'done' : 'refused';
};

const deleted = (reply: Reply): StoreAnswer => (reply === 1 ? 'done' : 'refused');

/** Of HPEXPIRETIME: the deadline, -1 for none, -2 when there is no field; Valkey answers nil when there is no hash. */
const asked = (reply: Reply): Asked => {
  const [ms] = Array.isArray(reply) ? reply : [reply];
  if (ms === -1) return 'none';
  if (ms === -2 || ms === null) return 'gone';
  return typeof ms === 'number' ? ms : 'refused';
};

const expire: Arg[] = ['HPEXPIREAT', FIELDS, DEADLINE, 'FIELDS', '1', FIELD];
const write = (does: 'create' | 'rewrite'): Operation =>
  transaction([['HSET', FIELDS, FIELD, PAYLOAD], expire], { does, reads: nth(1, moved), deadline: SENT });

/**
 * All sessions as fields of one hash, each with a TTL of its own. HSET drops the TTL of a field, and HSETEX is missing in
 * Redis 7.4: HSET and HPEXPIREAT in a transaction do the same on each server that has TTLs of fields. The event `hexpired`
 * names the hash, not the field.
 *
 * In Redis (8.0) HPEXPIREAT moves the deadline of a field that is past it and still in memory, so a touch can bring a session
 * back; HGET deletes it first, so it can do so only within a request. In Valkey (9.1) it finds the field gone.
 */
export const hashField = {
  create: write('create'),
  read: [{ args: ['HGET', FIELDS, FIELD], does: 'read', reads: foundField }],
  refreshes: {
    touch: [{ args: expire, does: 'touch', reads: moved, deadline: SENT }],
    rewrite: write('rewrite'),
  },
  destroy: [{ args: ['HDEL', FIELDS, FIELD], does: 'logout', reads: deleted }],
  companions: [FIELDS],
  hash: FIELDS,
  uncountable: "the server's count of keys with a TTL holds no fields of a hash",
  needs: 'Redis 7.4 or Valkey 9',
  ask: { args: ['HPEXPIRETIME', FIELDS, 'FIELDS', '1', FIELD], reads: asked },
} satisfies StoreProfile;
