import { EVENT, SPACE } from './event-batch.ts';

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;
const COLON = 58;
const ZERO = 48;
const NINE = 57;
const SESSION = 's'.charCodeAt(0);
const CANARY = 'c'.charCodeAt(0);
/** The key of which sessions are fields. */
const FIELDS = Buffer.from('fields');

const U32_MAX = 2 ** 32 - 1;
const U32_DIGITS = 10;
const LENGTH_DIGITS = 10;
/** Of a reply that is no message: a confirmation, an error. */
const REPLY_LIMIT_BYTES = 4096;
const INCOMPLETE = -1;

export interface ParserHandlers {
  /** A message is complete. `code` and `value` as in `EventBatch`. */
  message(code: number, value: number): void;
  /** A subscription to `channel` was confirmed. */
  subscribed(channel: string): void;
  /** The server answered with an error. */
  error(message: string): void;
}

interface Channel {
  /** All bytes of a message up to the length of its payload. */
  head: Buffer;
  event: number;
}

/**
 * Parses the stream of a RESP2 subscription into numbers: a message costs no string and no object, and a foreign key no
 * memory, however long it is. Right for any split of the stream. Throws on what cannot be on it; of no use then.
 *
 * A message's head is compared with the bytes that it must have. What is incomplete at the end of a read is carried over
 * to the next; it is short, because the rest of a payload that is too long to be ours is skipped and not kept.
 */
export class MessageParser {
  readonly #channels: Channel[];
  readonly #prefix: Buffer;
  readonly #handlers: ParserHandlers;
  /** The channel of the last message; in a herd, of the next as well. */
  #recent: Channel;
  readonly #carry: Buffer;
  #carried = 0;
  /** What is still to come of a foreign payload, its CR LF included; the message counts when it has come. */
  #skipBytes = 0;
  #skippedCode = 0;

  /**
   * @param channels the event of each channel, by its exact name; at least one
   * @param prefix of the run's keys
   */
  constructor(channels: ReadonlyMap<string, number>, prefix: string, handlers: ParserHandlers) {
    this.#channels = [...channels].map(([name, event]) => ({
      head: Buffer.from(`*3\r\n$7\r\nmessage\r\n$${Buffer.byteLength(name)}\r\n${name}\r\n$`),
      event,
    }));
    this.#recent = this.#channels[0]!;
    this.#prefix = Buffer.from(prefix);
    this.#handlers = handlers;
    this.#carry = Buffer.allocUnsafeSlow(REPLY_LIMIT_BYTES + 2 * this.#prefix.length);
  }

  /** Parses one read. Its bytes are not needed afterwards. */
  push(chunk: Buffer): void {
    const end = chunk.length;
    let at = this.#carried > 0 ? this.#completeCarried(chunk) : 0;
    if (this.#skipBytes > 0) at = this.#skip(at, end);
    while (at < end) {
      const next = this.#next(chunk, at, end);
      if (next === INCOMPLETE) {
        this.#carryOver(chunk, at);
        return;
      }
      at = next;
    }
  }

  /** Completes what an earlier read left over. Returns where `chunk` goes on behind it. */
  #completeCarried(chunk: Buffer): number {
    const before = this.#carried;
    this.#carried += chunk.copy(this.#carry, before);
    const next = this.#next(this.#carry, 0, this.#carried);
    if (next !== INCOMPLETE) {
      this.#carried = 0;
      return next - before;
    }
    if (this.#carried === this.#carry.length) throw new Error('a subscription got a reply without an end');
    return chunk.length;
  }

  #carryOver(chunk: Buffer, at: number): void {
    if (chunk.length - at >= this.#carry.length) throw new Error('a subscription got a reply without an end');
    this.#carried = chunk.copy(this.#carry, 0, at);
  }

  #skip(at: number, end: number): number {
    const skipped = Math.min(this.#skipBytes, end - at);
    this.#skipBytes -= skipped;
    if (this.#skipBytes === 0) this.#handlers.message(this.#skippedCode, 0);
    return at + skipped;
  }

  /** Parses what begins at `at`. Returns where the next begins, or INCOMPLETE. */
  #next(buffer: Buffer, at: number, end: number): number {
    if (!startsWith(buffer, at, end, this.#recent.head)) {
      const channel = this.#channels.find(({ head }) => startsWith(buffer, at, end, head));
      if (!channel) return this.#reply(buffer, at, end);
      this.#recent = channel;
    }
    const { head, event } = this.#recent;
    return this.#message(buffer, at + head.length, end, event);
  }

  /** A message from the length of its payload on. */
  #message(buffer: Buffer, at: number, end: number, event: number): number {
    const line = lineEnd(buffer, at, end);
    if (line === INCOMPLETE) return INCOMPLETE;
    const from = line + 2;
    const length = decimal(buffer, at, line);
    const to = from + length;
    if (to + 2 <= end) {
      if (buffer[to] !== CR || buffer[to + 1] !== LF) throw new Error('a subscription got a message of another length');
      if (event === EVENT.fence) this.#numbered(buffer, from, to, event, SPACE.fence);
      else this.#key(buffer, from, to, event);
      return to + 2;
    }
    if (length <= this.#prefix.length + 1 + U32_DIGITS) return INCOMPLETE;
    this.#skipBytes = to + 2 - end;
    this.#skippedCode = (event << 4) | SPACE.foreign;
    return end;
  }

  /** A session's key is the prefix, `s` and its index; a canary's has a `c`; all else but FIELDS is someone else's. */
  #key(buffer: Buffer, from: number, to: number, event: number): void {
    const at = from + this.#prefix.length;
    const kind = at < to && startsWith(buffer, from, to, this.#prefix) ? buffer[at] : 0;
    if (kind === SESSION) this.#numbered(buffer, at + 1, to, event, SPACE.session);
    else if (kind === CANARY) this.#numbered(buffer, at + 1, to, event, SPACE.canary);
    else if (kind === FIELDS[0] && to - at === FIELDS.length && startsWith(buffer, at, to, FIELDS))
      this.#handlers.message((event << 4) | SPACE.fields, 0);
    else this.#handlers.message((event << 4) | SPACE.foreign, 0);
  }

  /** Ours only if it is a u32 as we write it: decimal, without leading zeros. */
  #numbered(buffer: Buffer, from: number, to: number, event: number, space: number): void {
    let value = to > from && (buffer[from] !== ZERO || to - from === 1) ? 0 : Number.NaN;
    for (let at = from; at < to && value <= U32_MAX; at++) {
      const digit = buffer[at]!;
      value = digit >= ZERO && digit <= NINE ? value * 10 + digit - ZERO : Number.NaN;
    }
    if (value <= U32_MAX) this.#handlers.message((event << 4) | space, value);
    else this.#handlers.message((event << 4) | SPACE.foreign, 0);
  }

  /** A reply that is no message: an error, a confirmation, a pong. */
  #reply(buffer: Buffer, at: number, end: number): number {
    const type = buffer[at];
    if (type !== STAR && type !== MINUS && type !== PLUS) throw new Error(`a subscription got a reply of type ${type}`);
    const line = lineEnd(buffer, at, end);
    if (line === INCOMPLETE) return INCOMPLETE;
    if (type === STAR) return this.#confirmation(buffer, line + 2, end, decimal(buffer, at + 1, line));
    if (type === MINUS) this.#handlers.error(buffer.toString('utf8', at + 1, line));
    return line + 2;
  }

  /** `subscribe`, channel, count; or `pong` and its payload. */
  #confirmation(buffer: Buffer, start: number, end: number, parts: number): number {
    const texts: string[] = [];
    let at = start;
    for (let part = 0; part < parts; part++) {
      const line = lineEnd(buffer, at, end);
      if (line === INCOMPLETE) return INCOMPLETE;
      const type = buffer[at];
      if (type !== DOLLAR && type !== COLON) throw new Error(`a subscription got a part of type ${type}`);
      const from = line + 2;
      const size = decimal(buffer, at + 1, line);
      at = type === DOLLAR ? from + size + 2 : from;
      if (at > end) return INCOMPLETE;
      if (type === DOLLAR) texts.push(buffer.toString('utf8', from, from + size));
    }
    const [kind, channel = ''] = texts;
    if (kind === 'subscribe') this.#handlers.subscribed(channel);
    else if (kind !== 'pong') throw new Error(`a subscription got the reply ${kind} ${channel}`);
    return at;
  }
}

/** Whether buffer[at, end) begins with `expected`. */
function startsWith(buffer: Buffer, at: number, end: number, expected: Buffer): boolean {
  if (end - at < expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (buffer[at + i] !== expected[i]) return false;
  return true;
}

/** Where the line at `at` ends; INCOMPLETE when its CR LF has not all come. */
function lineEnd(buffer: Buffer, at: number, end: number): number {
  for (let line = at; line + 1 < end; line++) if (buffer[line] === CR) return line;
  return INCOMPLETE;
}

/** The length or count in [from, to). */
function decimal(buffer: Buffer, from: number, to: number): number {
  let value = to > from && to - from <= LENGTH_DIGITS ? 0 : Number.NaN;
  for (let at = from; at < to; at++) {
    const digit = buffer[at]!;
    value = digit >= ZERO && digit <= NINE ? value * 10 + digit - ZERO : Number.NaN;
  }
  if (Number.isNaN(value)) throw new Error('a subscription got a length that is no number');
  return value;
}
