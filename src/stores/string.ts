import type { Answer } from '../ledger/in-flight.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';

/** What a store tells the ledger of a reply; `unanswered` is the connection's to tell, not the store's. */
export type StoreAnswer = Exclude<Answer, 'unanswered'>;

/** A command to send, and how to read its reply. Absolute deadlines are Unix ms in the server's clock. */
export interface StoreCommand {
  readonly args: readonly string[];
  answer(reply: Reply): StoreAnswer;
}

const found = (reply: Reply): StoreAnswer =>
  reply instanceof ReplyError ? 'refused' : reply === null ? 'gone' : 'done';
const changed = (reply: Reply): StoreAnswer =>
  reply instanceof ReplyError ? 'refused' : reply === 0 ? 'gone' : 'done';
const accepted = (reply: Reply): StoreAnswer => (reply instanceof ReplyError ? 'refused' : 'done');

/** A session as one string key: SET PXAT, GET, EXPIRE, GETEX PXAT, DEL. */
export const stringStore = {
  /** SET with the deadline; also a rewrite: Redis answers OK whether or not the key was there. */
  set: (key: string, payload: string, deadlineUnixMs: number): StoreCommand => ({
    args: ['SET', key, payload, 'PXAT', String(deadlineUnixMs)],
    answer: accepted,
  }),
  read: (key: string): StoreCommand => ({ args: ['GET', key], answer: found }),
  /** EXPIRE for whole seconds, as session stores send it, else PEXPIRE: the deadline is the server's time + TTL. */
  touch: (key: string, ttlMs: number): StoreCommand => ({
    args: ttlMs % 1000 === 0 ? ['EXPIRE', key, String(ttlMs / 1000)] : ['PEXPIRE', key, String(ttlMs)],
    answer: changed,
  }),
  getex: (key: string, deadlineUnixMs: number): StoreCommand => ({
    args: ['GETEX', key, 'PXAT', String(deadlineUnixMs)],
    answer: found,
  }),
  destroy: (key: string): StoreCommand => ({ args: ['DEL', key], answer: changed }),
};
