import type { Rows } from './rows.ts';

/**
 * What a command of ours does to a session's key. `sweep` is a read by the store's own sweeper, not by a visitor; `ask` is
 * the reading of what is left after the cut-off.
 */
export const KINDS = ['create', 'read', 'touch', 'getex', 'rewrite', 'logout', 'sweep', 'ask'] as const;

export type CommandKind = (typeof KINDS)[number];

/**
 * - `done`: it did what it is for (the key was there, or was made)
 * - `gone`: there was no key, or one past its deadline, which the server then deletes
 * - `absent`: the same of a field of a hash, which a server may keep, and whose end is told by the count of fields
 * - `refused`: the server rejected it and nothing changed
 * - `unanswered`: the connection was lost first; it may have been executed or not
 */
export const ANSWERS = ['done', 'gone', 'absent', 'refused', 'unanswered'] as const;

export type Answer = (typeof ANSWERS)[number];

/** A command from its sending until a fence makes its reply final. Times: server's clock, ms from the run's start. */
export interface Command {
  readonly kind: CommandKind;
  readonly row: number;
  /** Position in the write lane: commands are executed in this order. */
  readonly order: number;
  readonly sentMs: number;
  readonly repliedMs: number;
  /** `null`: none has come. */
  readonly answer: Answer | null;
  /**
   * The deadline that it sets, NEVER_MS where it takes the TTL away; for a relative TTL known with the reply (`null` until
   * then). For `ask`, the one found (`null`: none).
   */
  readonly deadlineMs: number | null;
  readonly deadlineErrorMs: number;
}

/** What there is none of, where an object for each `null` would cost too much. */
export const NONE = Number.NaN;

/** What is known of a command when it is sent: the deadline that it carries, or the TTL that the server is to count. */
export interface Sent extends Pick<Command, 'kind' | 'row' | 'order' | 'sentMs'> {
  /** Or NONE. */
  readonly deadlineMs: number;
  /** Or NONE. */
  readonly ttlMs: number;
}

/** The server adds a TTL to its time in whole ms: the fraction cut off is 0.5 ms on average. */
const MEAN_TRUNCATION_MS = 0.5;

/**
 * The deadline that follows from a TTL which the server counts from its own time, when it executed the command between its
 * sending and its reply, and by how much it may be off; ms.
 */
export function relativeDeadline(
  sentMs: number,
  repliedMs: number,
  ttlMs: number,
  clockErrorMs: number,
): { deadlineMs: number; errorMs: number } {
  const halfMs = (repliedMs - sentMs) / 2;
  return {
    deadlineMs: sentMs + halfMs - MEAN_TRUNCATION_MS + ttlMs,
    errorMs: halfMs + clockErrorMs + MEAN_TRUNCATION_MS,
  };
}

/** Whether the deadline that a command carries may have been past when the server came to it. */
export function mayBePast({ deadlineMs, repliedMs }: Command, clockErrorMs: number): boolean {
  return deadlineMs !== null && deadlineMs <= repliedMs + clockErrorMs;
}

export type HeardEvent = 'expired' | 'evicted' | 'new';

export interface Heard {
  readonly event: HeardEvent;
  readonly atMs: number;
  /** It was published after this: when the fence that was heard last before it had been. */
  readonly afterMs: number;
}

/** Of a row: nothing is in flight; one command, and no event came meanwhile; more, kept in the side table. */
const [NOTHING, ONE, MORE] = [0, 1, 2];

const NO_ANSWER = 255;
const FIRST_CAPACITY = 4096;
const KIND_CODE = Object.fromEntries(KINDS.map((kind, code) => [kind, code])) as Record<CommandKind, number>;
const ANSWER_CODE = Object.fromEntries(ANSWERS.map((answer, code) => [answer, code])) as Record<Answer, number>;

interface Session {
  /** Its commands that are not final. */
  count: number;
  /** Of these, the ones that the fence now being worked off makes final. */
  commands: Command[];
  events: Heard[];
}

/**
 * Commands whose reply is not yet final, in columns, in the order of sending: a ring, so that a command costs no object.
 * Most sessions have one at a time, and hear nothing meanwhile; those that do not are in the side table, where their
 * events wait, because a reply and an event travel on different connections and only a fence tells their order.
 */
export class InFlightTable {
  readonly #rows: Rows;
  readonly #sessions = new Map<number, Session>();
  #columns = new Columns(FIRST_CAPACITY);
  /** Handles of the oldest command that is not final, and of the next to come. */
  #first = 0;
  #next = 0;
  /** Ends (`expired`, `evicted`) that wait for a fence. */
  waitingEnds = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  get size(): number {
    return this.#next - this.#first;
  }

  /** The handle of the next command: one more than that of the last. */
  get next(): number {
    return this.#next;
  }

  /** Takes a command that is sent. @returns its handle, good until a fence makes it final */
  add({ kind, row, order, sentMs, deadlineMs, ttlMs }: Sent): number {
    if (this.size === this.#columns.capacity) this.#grow();
    const handle = this.#next++;
    const at = handle & this.#columns.mask;
    const { kinds, answers, rows, orders, sentsMs, repliesMs, deadlinesMs, ttlsMs, errorsMs } = this.#columns;
    kinds[at] = KIND_CODE[kind];
    answers[at] = NO_ANSWER;
    rows[at] = row;
    orders[at] = order;
    sentsMs[at] = sentMs;
    repliesMs[at] = sentMs;
    deadlinesMs[at] = deadlineMs;
    ttlsMs[at] = ttlMs;
    errorsMs[at] = 0;
    const inFlight = this.#rows.inFlight[row]!;
    if (inFlight === NOTHING) this.#rows.inFlight[row] = ONE;
    else this.#sessionOf(row).count++;
    return handle;
  }

  /** A command's reply came, or none will. */
  answered(handle: number, answer: Answer, repliedMs: number, clockErrorMs: number): void {
    const at = handle & this.#columns.mask;
    const { answers, repliesMs, ttlsMs, sentsMs } = this.#columns;
    answers[at] = ANSWER_CODE[answer];
    repliesMs[at] = repliedMs;
    const ttlMs = ttlsMs[at]!;
    if (Number.isNaN(ttlMs)) return;
    const { deadlineMs, errorMs } = relativeDeadline(sentsMs[at]!, repliedMs, ttlMs, clockErrorMs);
    // A row has whole ms: rounding may add another half.
    this.setDeadline(handle, Math.round(deadlineMs), errorMs + MEAN_TRUNCATION_MS);
  }

  /** The deadline that an `ask` found. */
  setDeadline(handle: number, deadlineMs: number | null, errorMs: number): void {
    const at = handle & this.#columns.mask;
    this.#columns.deadlinesMs[at] = deadlineMs ?? NONE;
    this.#columns.errorsMs[at] = errorMs;
  }

  rowOf(handle: number): number {
    return this.#columns.rows[handle & this.#columns.mask]!;
  }

  sentMs(handle: number): number {
    return this.#columns.sentsMs[handle & this.#columns.mask]!;
  }

  /** The commands from this handle on leave only now. */
  leave(from: number, sentMs: number): void {
    const { sentsMs, mask } = this.#columns;
    for (let handle = Math.max(from, this.#first); handle < this.#next; handle++) sentsMs[handle & mask] = sentMs;
  }

  /** Keeps the event if its session has commands in flight; says whether it did. */
  hold(row: number, heard: Heard): boolean {
    if (this.#rows.inFlight[row] === NOTHING) return false;
    this.#sessionOf(row).events.push(heard);
    if (heard.event !== 'new') this.waitingEnds++;
    return true;
  }

  /**
   * Takes out what a fence at `order` makes final. `alone` gets a command of a session that has no other and heard
   * nothing; the object is used again for the next. `together` gets all that the fence makes final of a session: its
   * commands, and its events, which were all published before the fence.
   */
  release(
    order: number,
    alone: (command: Command) => void,
    together: (row: number, commands: readonly Command[], events: Heard[]) => void,
  ): void {
    const columns = this.#columns;
    const { orders, rows, mask } = columns;
    const scratch = columns.blank();
    const touched = new Set<number>();
    while (this.#first < this.#next) {
      const at = this.#first & mask;
      if (orders[at]! >= order) break;
      this.#first++;
      const row = rows[at]!;
      if (this.#rows.inFlight[row] === ONE) {
        this.#rows.inFlight[row] = NOTHING;
        alone(columns.read(at, scratch));
        continue;
      }
      this.#sessions.get(row)!.commands.push(columns.read(at, columns.blank()));
      touched.add(row);
    }
    for (const row of touched) this.#releaseSession(row, together);
  }

  #releaseSession(row: number, together: (row: number, commands: readonly Command[], events: Heard[]) => void): void {
    const session = this.#sessions.get(row)!;
    const commands = session.commands.splice(0);
    const events = session.events.splice(0);
    session.count -= commands.length;
    if (session.count === 0) {
      this.#sessions.delete(row);
      this.#rows.inFlight[row] = NOTHING;
    }
    for (const { event } of events) if (event !== 'new') this.waitingEnds--;
    together(row, commands, events);
  }

  #sessionOf(row: number): Session {
    if (this.#rows.inFlight[row] === MORE) return this.#sessions.get(row)!;
    const session = { count: 1, commands: [], events: [] };
    this.#sessions.set(row, session);
    this.#rows.inFlight[row] = MORE;
    return session;
  }

  #grow(): void {
    const grown = new Columns(this.#columns.capacity * 2);
    for (let handle = this.#first; handle < this.#next; handle++) grown.copy(handle, this.#columns);
    this.#columns = grown;
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The columns of the ring; a handle's place is its lowest bits. */
class Columns {
  readonly capacity: number;
  readonly mask: number;
  readonly kinds: Uint8Array;
  readonly answers: Uint8Array;
  readonly rows: Uint32Array;
  readonly orders: Float64Array;
  readonly sentsMs: Float64Array;
  readonly repliesMs: Float64Array;
  readonly deadlinesMs: Float64Array;
  readonly ttlsMs: Float64Array;
  readonly errorsMs: Float64Array;

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.mask = capacity - 1;
    this.kinds = new Uint8Array(capacity);
    this.answers = new Uint8Array(capacity);
    this.rows = new Uint32Array(capacity);
    this.orders = new Float64Array(capacity);
    this.sentsMs = new Float64Array(capacity);
    this.repliesMs = new Float64Array(capacity);
    this.deadlinesMs = new Float64Array(capacity);
    this.ttlsMs = new Float64Array(capacity);
    this.errorsMs = new Float64Array(capacity);
  }

  blank(): Mutable<Command> {
    return {
      kind: 'create',
      row: 0,
      order: 0,
      sentMs: 0,
      repliedMs: 0,
      answer: null,
      deadlineMs: null,
      deadlineErrorMs: 0,
    };
  }

  read(at: number, into: Mutable<Command>): Command {
    const deadlineMs = this.deadlinesMs[at]!;
    const answer = this.answers[at]!;
    into.kind = KINDS[this.kinds[at]!]!;
    into.row = this.rows[at]!;
    into.order = this.orders[at]!;
    into.sentMs = this.sentsMs[at]!;
    into.repliedMs = this.repliesMs[at]!;
    into.answer = answer === NO_ANSWER ? null : ANSWERS[answer]!;
    into.deadlineMs = Number.isNaN(deadlineMs) ? null : deadlineMs;
    into.deadlineErrorMs = this.errorsMs[at]!;
    return into;
  }

  copy(handle: number, from: Columns): void {
    const [to, at] = [handle & this.mask, handle & from.mask];
    this.kinds[to] = from.kinds[at]!;
    this.answers[to] = from.answers[at]!;
    this.rows[to] = from.rows[at]!;
    this.orders[to] = from.orders[at]!;
    this.sentsMs[to] = from.sentsMs[at]!;
    this.repliesMs[to] = from.repliesMs[at]!;
    this.deadlinesMs[to] = from.deadlinesMs[at]!;
    this.ttlsMs[to] = from.ttlsMs[at]!;
    this.errorsMs[to] = from.errorsMs[at]!;
  }
}
