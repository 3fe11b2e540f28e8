import type { Answer, CommandKind } from '../ledger/in-flight.ts';
import type { Reply } from '../redis/resp.ts';
import type { RefreshName } from '../scenario/store.ts';

/** What a store tells the ledger of a reply; `unanswered` is the connection's to tell, not the store's. */
export type StoreAnswer = Exclude<Answer, 'unanswered'>;

/** What a session does to the ledger; `ask` is the run's own doing. */
export type StoreKind = Exclude<CommandKind, 'ask'>;

/**
 * A number that differs from session to session or from moment to moment:
 *
 * - `index`: the session's index in the plan; `user`: of the user whose session it is
 * - `deadline`: Unix ms at which the TTL, counted from the sending, elapses; `formerDeadline`: the same of the command
 *   before, the one that is in force
 * - `ttl`: the session's TTL in ms; `now`: Unix ms in the server's clock
 */
export type NumberSource = 'index' | 'user' | 'deadline' | 'formerDeadline' | 'ttl' | 'now';

export type Numbers = Readonly<Record<NumberSource, number>>;

/** An argument made of a text and a number: `{text: 'expires:', number: 'index'}` is `expires:17` for session 17. */
export interface Numbered {
  /** The text is a key's (or a channel's): the run's prefix comes before it. */
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
  /** Sent only then; nothing breaks when it is sent always. (Default: always) */
  readonly onlyIf?: (numbers: Numbers) => boolean;
}

/** Commands that are sent together, in this order. */
export type Operation = readonly StoreCommand[];

/** The deadline of a session after the cut-off, Unix ms; `none`: it is there without one. */
export type Asked = number | 'none' | 'gone' | 'refused';

/** How to ask for a session's deadline where PEXPIRETIME (or PTTL) of its key does not tell. */
export interface Ask {
  readonly args: readonly Arg[];
  readonly reads: (reply: Reply) => Asked;
}

/** What a store does by itself at each multiple of `everyMs` of the clock: it takes a set of sessions and asks for each. */
export interface Sweep {
  readonly everyMs: number;
  /** The first command's reply lists the set's members. */
  readonly take: Operation;
  /** The session that a member stands for; `null`: none. */
  readonly indexOf: (member: string) => number | null;
  /** Sent for each member. */
  readonly each: Operation;
}

/** How a session store keeps its sessions: which commands it sends, and what their replies say. */
export interface StoreProfile {
  /**
   * Makes a session. The command with `does: 'create'` tells whether it is there: `gone` then means `refused`. Others
   * that come after it may touch or rewrite it.
   */
  readonly create: Operation;
  /** A visitor's request; the one command with `reads` tells whether the session is there. */
  readonly read: Operation;
  /** What a request may do to the deadline: those of `refreshesOf`. `getex` takes the place of the read. */
  readonly refreshes: Partial<Record<RefreshName, Operation>>;
  /** Ends the session: the request that logs out. */
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
  /**
   * The library holds a session that is past its `deadline` as gone, by its own clock, whatever the server answers.
   * (Default: false)
   */
  readonly judgesAge?: boolean;
  /** The hash of which each session is a field, so that events name it and not the session. (Default: each is a key) */
  readonly hash?: SharedKey;
  /** (Default: PEXPIRETIME of the session's key) */
  readonly ask?: Ask;
  /** (Default: none) */
  readonly sweep?: Sweep;
}

/** The session's own key: its events tell of its end. A session that is a field of a hash has none. */
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

/** A TTL in seconds as an argument, and the deadline that follows. */
export const lasting = (seconds: (ttlMs: number) => number): { arg: Numbered; deadline: Deadline } => ({
  arg: numbered('', 'ttl', seconds),
  deadline: { kind: 'relative', ttlMs: (ttlMs) => seconds(ttlMs) * 1000 },
});

/** A TTL in whole seconds, and the deadline that follows. */
export const wholeSeconds = (ttlMs: number): number => Math.ceil(ttlMs / 1000);
export const { arg: SECONDS, deadline: AFTER_SECONDS } = lasting(wholeSeconds);

/** Replies as answers: a bulk or a nil; an array or an empty one; 1 or 0; anything that is no error. */
export const found = (reply: Reply): StoreAnswer => (isError(reply) ? 'refused' : reply === null ? 'gone' : 'done');
/** Of a field of a hash. */
export const foundField = (reply: Reply): StoreAnswer =>
  isError(reply) ? 'refused' : reply === null ? 'absent' : 'done';
export const filled = (reply: Reply): StoreAnswer =>
  isError(reply) ? 'refused' : Array.isArray(reply) && reply.length > 0 ? 'done' : 'gone';
export const changed = (reply: Reply): StoreAnswer => (isError(reply) ? 'refused' : reply === 0 ? 'gone' : 'done');
export const accepted = (reply: Reply): StoreAnswer => (isError(reply) ? 'refused' : 'done');

/** Of an EXEC: the answer of the command at this place in the transaction. */
export const nth =
  (place: number, reads: (reply: Reply) => StoreAnswer) =>
  (reply: Reply): StoreAnswer =>
    Array.isArray(reply) ? reads(reply[place]!) : 'refused';

/** The commands in MULTI and EXEC, whose reply tells what they did. */
export const transaction = (commands: readonly (readonly Arg[])[], told: Omit<StoreCommand, 'args'>): Operation => [
  { args: ['MULTI'] },
  ...commands.map((args) => ({ args })),
  { args: ['EXEC'], ...told },
];

function isError(reply: Reply): boolean {
  return reply instanceof Error;
}
