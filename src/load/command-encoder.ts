import type { Arg, NumberSource } from '../stores/profile.ts';

/** What the arguments of a command may need of a session; see `NumberSource`. */
export interface SessionNumbers extends Record<NumberSource, number> {
  payloadBytes: number;
}

/** Writes the payload of a session, its `payloadBytes`, at a place of a buffer. */
export type WritePayload = (target: Buffer, at: number) => void;

/** What differs between sessions, with what comes before it in RESP, the end of the argument before included. */
type Part =
  /** `leads` by the number of digits, which decides the length that stands before it. */
  | { kind: 'number'; leads: readonly Uint8Array[]; source: NumberSource; map: ((value: number) => number) | null }
  | { kind: 'payload'; lead: Uint8Array; before: Uint8Array; behind: Uint8Array };

const CR = 13;
const LF = 10;
const ZERO = 48;
/** Of a number that is written: those of 2^53. */
const MOST_DIGITS = 16;
/** A length of up to ten digits and the end of its line. */
const LENGTH_BYTES = 12;
const MILLION = 1_000_000;
const LOOP_BYTES = 24;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => 10 ** digits);
/** 00 to 99. */
const PAIRS = Buffer.from(Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0')).join(''));

/**
 * A store's command, made ready to be written as RESP into a buffer without a string or an object: what is the same for
 * all sessions is encoded once.
 */
export class CommandEncoder {
  readonly #parts: readonly Part[];
  readonly #tail: Uint8Array;
  /** Of all but the payloads, at most. */
  readonly #bytes: number;
  readonly #payloads: number;

  /** @param prefix of the run's keys */
  constructor(args: readonly Arg[], prefix: string) {
    const parts: Part[] = [];
    let literal = `*${args.length}\r\n`;
    for (const arg of args) {
      if (typeof arg === 'string') {
        literal += bulk(arg);
      } else if ('number' in arg) {
        const text = (arg.key ? prefix : '') + arg.text;
        const leads = Array.from({ length: MOST_DIGITS + 1 }, (_, digits) =>
          Buffer.from(`${literal}$${Buffer.byteLength(text) + digits}\r\n${text}`),
        );
        parts.push({ kind: 'number', leads, source: arg.number, map: arg.map ?? null });
        literal = '\r\n';
      } else if ('payload' in arg) {
        const [before, behind] = [Buffer.from(arg.before), Buffer.from(arg.behind)];
        parts.push({ kind: 'payload', lead: Buffer.from(`${literal}$`), before, behind });
        literal = '\r\n';
      } else {
        literal += bulk(prefix + arg.text);
      }
    }
    this.#parts = parts;
    this.#tail = Buffer.from(literal);
    this.#bytes = parts.reduce((sum, part) => sum + mostBytes(part), this.#tail.length);
    this.#payloads = parts.filter(({ kind }) => kind === 'payload').length;
  }

  /** How many bytes writing it takes at most. */
  mostBytes({ payloadBytes }: SessionNumbers): number {
    return this.#bytes + this.#payloads * payloadBytes;
  }

  /** @returns where it ends */
  write(target: Buffer, from: number, numbers: SessionNumbers, writePayload: WritePayload): number {
    let at = from;
    for (const part of this.#parts) {
      if (part.kind === 'number') {
        const raw = numbers[part.source];
        const value = part.map === null ? raw : part.map(raw);
        const digits = countDigits(value);
        at = copy(part.leads[digits]!, target, at);
        writeDigits(target, at, value, digits);
        at += digits;
      } else {
        const { lead, before, behind } = part;
        at = copy(lead, target, at);
        at = writeLength(target, at, before.length + numbers.payloadBytes + behind.length);
        at = copy(before, target, at);
        writePayload(target, at);
        at = copy(behind, target, at + numbers.payloadBytes);
      }
    }
    return copy(this.#tail, target, at);
  }
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function mostBytes(part: Part): number {
  if (part.kind === 'number') return part.leads[MOST_DIGITS]!.length + MOST_DIGITS;
  return part.lead.length + LENGTH_BYTES + part.before.length + part.behind.length;
}

/** Short ones by a loop, because a call of `set` takes as long as copying 20 bytes does. */
function copy(bytes: Uint8Array, target: Buffer, at: number): number {
  const { length } = bytes;
  if (length > LOOP_BYTES) target.set(bytes, at);
  else for (let i = 0; i < length; i++) target[at + i] = bytes[i]!;
  return at + length;
}

function countDigits(value: number): number {
  let digits = value < 1e6 ? 1 : value < 1e12 ? 7 : 13;
  while (value >= POWERS[digits]!) digits++;
  return digits;
}

/** Large numbers in two parts, because only divisions of 32 bits are fast. */
function writeDigits(target: Buffer, at: number, value: number, digits: number): void {
  if (value < 2 ** 31) {
    writeSmall(target, at, value, digits);
    return;
  }
  const high = Math.floor(value / MILLION);
  writeDigits(target, at, high, digits - 6);
  writeSmall(target, at + digits - 6, value - high * MILLION, 6);
}

/** Two digits at a time. */
function writeSmall(target: Buffer, at: number, value: number, digits: number): void {
  let left = value | 0;
  let place = at + digits - 2;
  for (; place >= at; place -= 2) {
    const hundredth = (left / 100) | 0;
    const pair = (left - hundredth * 100) << 1;
    target[place] = PAIRS[pair]!;
    target[place + 1] = PAIRS[pair + 1]!;
    left = hundredth;
  }
  if (place === at - 1) target[at] = ZERO + left;
}

function writeLength(target: Buffer, at: number, length: number): number {
  const digits = countDigits(length);
  writeSmall(target, at, length, digits);
  target[at + digits] = CR;
  target[at + digits + 1] = LF;
  return at + digits + 2;
}
