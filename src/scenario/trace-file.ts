import { closeSync, openSync, readSync } from 'node:fs';
import { nearest } from './nearest.ts';

/** What is wrong with a trace: the file, the line, the value, and what is allowed. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
}

const COLUMNS = ['arrival', 'ttl', 'activity'] as const;
type Column = (typeof COLUMNS)[number];

const CHUNK_BYTES = 256 * 1024;
const ALLOWED = 'use seconds or a duration: 1.5, 250ms, 5m';
const NEWLINE = 10;
const RETURN = 13;
const COMMA = 44;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** A number of that many digits is exact. */
const EXACT_DIGITS = 15;

/**
 * Reads a trace line by line, and keeps a chunk of the file at a time: CSV with a header that names the columns `arrival`,
 * and `ttl` and `activity` if there are any. Values are seconds or durations; empty ones are `null`. Arrivals ascend.
 */
export class TraceFile {
  /** Of the line read last: from the start of the measurement. */
  arrivalMs = 0;
  ttlMs: number | null = null;
  /** Length of the visit. */
  activityMs: number | null = null;
  /** Number of the line read last, from 1, the header's. */
  line = 1;
  readonly #file: string;
  readonly #columns: readonly Column[];
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #filled = 0;
  #at = 0;
  #position = 0;
  #lineEnd = 0;

  /** @throws {TraceError} when there is no such file, or its header is none */
  constructor(file: string) {
    this.#file = file;
    this.#columns = this.#header();
  }

  /**
   * Reads the next line; false at the end.
   *
   * @throws {TraceError}
   */
  next(): boolean {
    do {
      if (!this.#nextLine()) return false;
    } while (this.#at === this.#lineEnd && this.#skip());
    const formerMs = this.arrivalMs;
    this.ttlMs = null;
    this.activityMs = null;
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const value = this.#value(column, i === columns.length - 1);
      if (column === 'ttl') this.ttlMs = value;
      else if (column === 'activity') this.activityMs = value;
      else if (value === null) this.fail('arrival', 'is missing');
      else this.arrivalMs = value;
    }
    if (this.arrivalMs < formerMs) this.fail('arrival', `${this.arrivalMs / 1000} s is before that of the line above`);
    this.#skip();
    return true;
  }

  /** @throws {TraceError} about a column of the line read last */
  fail(column: Column, message: string): never {
    throw new TraceError(`${this.#file}:${this.line} ${column}: ${message}`);
  }

  #header(): Column[] {
    if (!this.#nextLine()) throw new TraceError(`${this.#file}: is empty; it needs a header: ${COLUMNS.join(',')}`);
    const text = this.#buffer.toString('utf8', this.#at, this.#lineEnd).replace(/^\uFEFF/, '');
    this.#skip();
    this.line = 1;
    const names = text.split(',').map((name) => name.trim());
    for (const [i, name] of names.entries()) {
      if (!COLUMNS.includes(name as Column)) {
        const near = nearest(name, COLUMNS);
        const meant = near ? `; did you mean ${near}?` : '';
        throw new TraceError(`${this.#file}:1: "${name}" is not a column${meant} (known: ${COLUMNS.join(', ')})`);
      }
      if (names.indexOf(name) !== i) throw new TraceError(`${this.#file}:1: "${name}" is there twice`);
    }
    if (!names.includes('arrival')) throw new TraceError(`${this.#file}:1: has no column arrival`);
    return names as Column[];
  }

  /** Finds the end of the line that begins at `#at`, reading more if need be; false at the end of the file. */
  #nextLine(): boolean {
    for (;;) {
      const newline = this.#buffer.indexOf(NEWLINE, this.#at);
      const isThere = newline >= 0 && newline < this.#filled;
      const atEnd = !isThere && !this.#more();
      if (!isThere && !atEnd) continue;
      if (atEnd && this.#at === this.#filled) return false;
      this.#lineEnd = atEnd ? this.#filled : newline;
      if (this.#lineEnd > this.#at && this.#buffer[this.#lineEnd - 1] === RETURN) this.#lineEnd--;
      this.line++;
      return true;
    }
  }

  /** Goes behind the line whose end was found. */
  #skip(): true {
    this.#at = this.#lineEnd;
    while (this.#at < this.#filled && this.#buffer[this.#at] === RETURN) this.#at++;
    if (this.#at < this.#filled) this.#at++;
    return true;
  }

  /** Reads on; the file is open only meanwhile, so that nobody has to close it. */
  #more(): boolean {
    const buffer = this.#buffer;
    buffer.copyWithin(0, this.#at, this.#filled);
    this.#filled -= this.#at;
    this.#at = 0;
    if (this.#filled === buffer.length) {
      throw new TraceError(`${this.#file}:${this.line + 1}: is longer than ${CHUNK_BYTES} bytes`);
    }
    try {
      const file = openSync(this.#file, 'r');
      try {
        const read = readSync(file, buffer, this.#filled, buffer.length - this.#filled, this.#position);
        this.#position += read;
        this.#filled += read;
        return read > 0;
      } finally {
        closeSync(file);
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new TraceError(
        `${this.#file}: ${code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a directory' : message}`,
      );
    }
  }

  /** The value at `#at`, ms, and goes behind it and its comma. */
  #value(column: Column, last: boolean): number | null {
    const buffer = this.#buffer;
    const end = this.#lineEnd;
    const from = this.#at;
    let at = from;
    let digits = 0;
    let value = 0;
    let divisor = 0;
    for (; at < end; at++) {
      const byte = buffer[at]!;
      if (byte >= ZERO && byte <= NINE) {
        value = value * 10 + byte - ZERO;
        digits++;
        divisor *= 10;
      } else if (byte === POINT && divisor === 0 && digits > 0) divisor = 1;
      else break;
    }
    let unit = 0;
    const unitAt = at;
    for (; at < end && buffer[at] !== COMMA; at++) unit = (unit << 8) | buffer[at]!;
    const unitMs = unitOf(unit, at - unitAt);
    const isNone = at === from;
    if (!isNone && (digits === 0 || divisor === 1 || digits > EXACT_DIGITS || unitMs === 0)) {
      this.fail(column, `"${buffer.toString('utf8', from, at)}" is not a time; ${ALLOWED}`);
    }
    if (last !== (at === end)) {
      const fields = buffer.toString('utf8', from, end);
      if (!last) this.fail(column, `has nothing after it; the line needs ${this.#columns.length} columns`);
      this.fail(column, `"${fields}" has more than the ${this.#columns.length} columns of the header`);
    }
    this.#at = last ? at : at + 1;
    if (isNone) return null;
    return divisor > 1 ? (value * unitMs) / divisor : value * unitMs;
  }
}

/** Ms of a unit by the bytes of its name; none is seconds; 0 when it is no unit. */
function unitOf(name: number, length: number): number {
  if (length === 0) return 1000;
  if (length > 2) return 0;
  switch (name) {
    case 0x73: // s
      return 1000;
    case 0x6d73: // ms
      return 1;
    case 0x6d: // m
      return 60_000;
    case 0x68: // h
      return 3_600_000;
    case 0x64: // d
      return 86_400_000;
    default:
      return 0;
  }
}
