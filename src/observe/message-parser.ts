import { EVENT, SPACE } from './event-batch.ts';

const CR = 13;
const LF = 10;
const DOLLAR = 36;
const STAR = 42;
const COLON = 58;
const MINUS = 45;
const ZERO = 48;
const NINE = 57;
const U32_MAX = 2 ** 32 - 1;

const MESSAGE_PARTS = 3;

export interface ParserHandlers {
  message(code: number, value: number): void;
  /** A subscription to `channel` was confirmed. */
  subscribed(channel: string): void;
  /** The server answered with an error. */
  error(message: string): void;
}

/**
 * Parses the stream of a RESP2 subscription into numbers: a message on a channel that we know, about a key that carries
 * an index, costs no string and no object. Right for any split of the stream; throws on what is no subscription.
 */
export class MessageParser {
  readonly #channels: { name: Buffer; event: number }[];
  readonly #prefix: Buffer;
  readonly #handlers: ParserHandlers;
  #rest: Buffer | null = null;

  /** @param channels event of each channel by its exact name. @param prefix of the run's keys */
  constructor(channels: ReadonlyMap<string, number>, prefix: string, handlers: ParserHandlers) {
    this.#channels = [...channels].map(([name, event]) => ({ name: Buffer.from(name), event }));
    this.#prefix = Buffer.from(prefix);
    this.#handlers = handlers;
  }

  push(chunk: Buffer): void {
    const buffer = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    let position = 0;
    while (position < buffer.length) {
      const next = this.#reply(buffer, position);
      if (next < 0) break;
      position = next;
    }
    this.#rest = position === buffer.length ? null : Buffer.from(buffer.subarray(position));
  }

  /** Parses one reply at `start`; returns where the next begins, or -1 when its bytes have not all come. */
  #reply(buffer: Buffer, start: number): number {
    const type = buffer[start]!;
    if (type === STAR) return this.#array(buffer, start);
    if (type !== MINUS) throw new Error(`a subscription got a reply that begins with byte ${type}`);
    const end = buffer.indexOf(CR, start);
    if (end < 0 || end + 1 >= buffer.length) return -1;
    this.#handlers.error(buffer.toString('utf8', start + 1, end));
    return end + 2;
  }

  /** `message`, channel, payload; or `subscribe`, channel, count. */
  #array(buffer: Buffer, start: number): number {
    let at = line(buffer, start);
    if (at < 0) return -1;
    if (number(buffer, start + 1, at - 2) !== MESSAGE_PARTS) throw new Error('a subscription got an array of another length');
    const kindAt = line(buffer, at);
    if (kindAt < 0) return -1;
    const kindEnd = kindAt + number(buffer, at + 1, kindAt - 2);
    at = kindEnd + 2;
    if (at >= buffer.length) return -1;
    const channelAt = line(buffer, at);
    if (channelAt < 0) return -1;
    const channelEnd = channelAt + number(buffer, at + 1, channelAt - 2);
    at = channelEnd + 2;
    if (at >= buffer.length) return -1;
    const payloadAt = line(buffer, at);
    if (payloadAt < 0) return -1;
    if (buffer[at] === COLON) {
      if (buffer[kindAt] === 's'.charCodeAt(0)) this.#handlers.subscribed(buffer.toString('utf8', channelAt, channelEnd));
      return payloadAt;
    }
    if (buffer[at] !== DOLLAR) throw new Error('a subscription got a message without a payload');
    const payloadEnd = payloadAt + number(buffer, at + 1, payloadAt - 2);
    if (payloadEnd + 2 > buffer.length) return -1;
    this.#message(buffer, channelAt, channelEnd, payloadAt, payloadEnd);
    return payloadEnd + 2;
  }

  #message(buffer: Buffer, channelAt: number, channelEnd: number, from: number, to: number): void {
    for (const { name, event } of this.#channels) {
      if (channelEnd - channelAt !== name.length || name.compare(buffer, channelAt, channelEnd) !== 0) continue;
      if (event === EVENT.fence) this.#numbered(buffer, from, to, event, SPACE.fence);
      else this.#key(buffer, from, to, event);
      return;
    }
  }

  /** A session's key is the prefix, `s` and its index; a canary's has a `c`; all else is someone else's. */
  #key(buffer: Buffer, from: number, to: number, event: number): void {
    const at = from + this.#prefix.length;
    const ours = at + 1 < to && this.#prefix.compare(buffer, from, at) === 0;
    const space = !ours
      ? SPACE.foreign
      : buffer[at] === 's'.charCodeAt(0)
        ? SPACE.session
        : buffer[at] === 'c'.charCodeAt(0)
          ? SPACE.canary
          : SPACE.foreign;
    if (space === SPACE.foreign) this.#handlers.message((event << 4) | space, 0);
    else this.#numbered(buffer, at + 1, to, event, space);
  }

  #numbered(buffer: Buffer, from: number, to: number, event: number, space: number): void {
    let value = 0;
    for (let at = from; at < to; at++) {
      const digit = buffer[at]!;
      if (digit < ZERO || digit > NINE) value = Number.POSITIVE_INFINITY;
      value = value * 10 + digit - ZERO;
    }
    const canonical = value <= U32_MAX && from < to && (buffer[from] !== ZERO || to - from === 1);
    if (canonical) this.#handlers.message((event << 4) | space, value);
    else this.#handlers.message((event << 4) | SPACE.foreign, 0);
  }
}

/** Where the line after the one at `start` begins, or -1. */
function line(buffer: Buffer, start: number): number {
  let at = start + 2;
  while (at < buffer.length) if (buffer[at++] === LF) return at;
  return -1;
}

/** The decimal number in [from, to). */
function number(buffer: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + buffer[at]! - ZERO;
  return value;
}
