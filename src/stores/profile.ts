import type { Answer, CommandKind } from '../ledger/in-flight.ts';
import type { Reply } from '../redis/resp.ts';

/** What a store tells the ledger of a reply; `unanswered` is the connection's to tell, not the store's. */
export type StoreAnswer = Exclude<Answer, 'unanswered'>;

/** What a session does to the ledger; `ask` is the run's own doing. */
export type StoreKind = Exclude<CommandKind, 'ask'>;

/**
 * A number that differs from session to session or from moment to moment:
 *
 * - `index`: the session's index in the plan; `user`: of the user whose session it is
 * - `deadline`: Unix ms at which the TTL, counted from the sending, elapses; `formerDeadline`: the one in force before,
 *   as far as it was sent
 * - `ttl`: the session's TTL in ms; `now`: Unix ms in the server's clock
 */
export type NumberSource = 'index' | 'user' | 'deadline' | 'formerDeadline' | 'ttl' | 'now';

/** An argument made of a text and a number: `{text: 'expires:', number: 'index'}` is `expires:17` for session 17. */
export interface Numbered {
  /** The text is a key's: the run's prefix comes before it. */
  readonly key: boolean;
  readonly text: string;
  readonly number: NumberSource;
  /** Applied to the number; must give a whole number that is not negative. */
  readonly map?: (value: number) => number;
}

/** The session's payload, with a text before and behind it. */
export interface PayloadArg {
  readonly payload: true;
  readonly before: string;
  readonly behind: string;
}

/** A key that all sessions of the run share. */
export interface SharedKey {
  readonly key: true;
  readonly text: string;
}

/** An argument of a command: as it stands, or what differs between sessions. */
export type Arg = string | Numbered | PayloadArg | SharedKey;

/**
 * The deadline that a command sets: `sent` is the `deadline` that it carries (PXAT); `ttlMs` is counted by the server
 * from the command's execution, a function of the session's TTL in ms; `never`: the key gets none.
 */
export type Deadline = { kind: 'sent' } | { kind: 'relative'; ttlMs: (ttlMs: number) => number } | { kind: 'never' };

/** One command of an operation. */
export interface StoreCommand {
  readonly args: readonly Arg[];
  /**
   * What it does to the session's key, the one whose events tell of its end. (Default: nothing; its reply is looked at for
   * errors only, or, in a read, for what the visitor learns)
   */
  readonly does?: StoreKind;
  readonly reads?: (reply: Reply) => StoreAnswer;
  /** Of a command that sets one. */
  readonly deadline?: Deadline;
}

/** Commands that are sent together, in this order. */
export type Operation = readonly StoreCommand[];

export type RefreshName = 'touch' | 'rewrite' | 'getex';

/** How a session store keeps its sessions: which commands it sends, and what their replies say. */
export interface StoreProfile {
  /** Makes a session. Its commands with `does: 'create'` tells of it; one that finds nothing then means `refused`. */
  readonly create: Operation;
  /** A visitor's request; the one command with `reads` tells whether the session is there. */
  readonly read: Operation;
  /** What a request does to the deadline. The first is what the store does when a scenario does not say. */
  readonly refreshes: Partial<Record<RefreshName, Operation>>;
  /** What a request does when the scenario says nothing. */
  readonly refresh: RefreshName | 'none';
  /** Refresh only when less than this share of the TTL is left; a scenario may say otherwise. (Default: on each request) */
  readonly renewBelow?: number;
  /** Ends the session: a logout. */
  readonly destroy: Operation;
  /** Keys beside the session's own that it leaves, so that they can be deleted. */
  readonly companions: readonly (Numbered | SharedKey)[];
  /**
   * Whether each session that is there is one key with a TTL in the server's `expires`, and no other key has one: then the
   * server's count can be held against the ledger's. Else why not.
   */
  readonly uncountable: string | null;
  /** What its commands need of a server beyond 6.2, for the message of a refusal: `Redis 7.4 or Valkey 9`. */
  readonly needs?: string;
}

/** The session's own key: its events tell of its end. */
export const KEY: Numbered = { key: true, text: 's', number: 'index' };

export const PAYLOAD: PayloadArg = { payload: true, before: '', behind: '' };

/** A key of the run's that is named for a number. */
export const keyOf = (text: string, number: NumberSource, map?: (value: number) => number): Numbered => ({
  key: true,
  text,
  number,
  ...(map && { map }),
});

export const sharedKey = (text: string): SharedKey => ({ key: true, text });

/** A text with a number behind it, no key. */
export const numbered = (text: string, number: NumberSource, map?: (value: number) => number): Numbered => ({
  key: false,
  text,
  number,
  ...(map && { map }),
});

/** The deadline that the command carries, Unix ms. */
export const DEADLINE = numbered('', 'deadline');
export const SENT: Deadline = { kind: 'sent' };
export const NEVER: Deadline = { kind: 'never' };

/** A TTL in whole seconds, and the deadline that follows. */
export const wholeSeconds = (ttlMs: number): number => Math.ceil(ttlMs / 1000);
export const SECONDS = numbered('', 'ttl', wholeSeconds);
export const AFTER_SECONDS: Deadline = { kind: 'relative', ttlMs: (ttlMs) => wholeSeconds(ttlMs) * 1000 };

/** Replies as answers: a bulk or a nil; 1 or 0; anything that is no error. */
export const found = (reply: Reply): StoreAnswer => (isError(reply) ? 'refused' : reply === null ? 'gone' : 'done');
export const changed = (reply: Reply): StoreAnswer => (isError(reply) ? 'refused' : reply === 0 ? 'gone' : 'done');
export const accepted = (reply: Reply): StoreAnswer => (isError(reply) ? 'refused' : 'done');

/** Of an EXEC: the answer of the command at this place in the transaction. */
export const nth =
  (place: number, reads: (reply: Reply) => StoreAnswer) =>
  (reply: Reply): StoreAnswer =>
    Array.isArray(reply) ? reads(reply[place]!) : 'refused';

function isError(reply: Reply): boolean {
  return reply instanceof Error;
}
