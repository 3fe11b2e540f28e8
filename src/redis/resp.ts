/** An error reply. `code` is its first word: `OOM`, `NOAUTH`. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.code = message.split(' ', 1)[0]!;
  }
}

/** A RESP2 reply: simple string, integer, bulk string, null, error, array. */
export type Reply = string | number | Buffer | null | ReplyError | Reply[];

/** A command as a RESP array of bulk strings, for a socket that writes UTF-8. */
export function encodeCommand(args: readonly string[]): string {
  let encoded = `*${args.length}\r\n`;
  for (const arg of args) encoded += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
  return encoded;
}

const CR = 13;
const PLUS = 43;
const MINUS = 45;
const COLON = 58;
const DOLLAR = 36;
const STAR = 42;
const ZERO = 48;
const LETTER_O = 79;
const LETTER_K = 75;
const NINE = 57;

/** Stands for a reply whose bytes have not all come. */
const INCOMPLETE = Symbol('incomplete');

/**
 * Parses a stream of RESP2 replies, however it is split. A chunk's memory may be used again after `push`: what is
 * incomplete is copied; bulk strings are views, good for as long as `onReply` takes. Throws on what is no RESP2; it is of
 * no use then.
 */
export class ReplyParser {
  readonly #onReply: (reply: Reply) => void;
  #buffer: Buffer = Buffer.alloc(0);
  #position = 0;
  /** Chunks of a reply that needs `#neededBytes` before parsing it again can succeed. */
  #chunks: Buffer[] = [];
  #chunkBytes = 0;
  #neededBytes = 0;

  constructor(onReply: (reply: Reply) => void) {
    this.#onReply = onReply;
  }

  push(chunk: Buffer): void {
    if (this.#chunkBytes === 0) {
      this.#buffer = chunk;
    } else {
      this.#chunks.push(Buffer.from(chunk));
      this.#chunkBytes += chunk.length;
      if (this.#chunkBytes < this.#neededBytes) return;
      this.#buffer = Buffer.concat(this.#chunks, this.#chunkBytes);
    }
    let start = 0;
    this.#position = 0;
    this.#neededBytes = 0;
    while (start < this.#buffer.length) {
      const short = this.#shortReply(start);
      if (short !== null) {
        start = this.#position;
        this.#onReply(short);
        continue;
      }
      const reply = this.#parse();
      if (reply === INCOMPLETE) break;
      start = this.#position;
      this.#onReply(reply);
    }
    this.#chunkBytes = this.#buffer.length - start;
    this.#chunks = this.#chunkBytes === 0 ? [] : [Buffer.from(this.#buffer.subarray(start))];
    this.#neededBytes -= start;
  }

  /** Most replies by far are `+OK` or one digit; no string is made of these. `null`: it is not one, or not all there. */
  #shortReply(start: number): 'OK' | number | null {
    const buffer = this.#buffer;
    const type = buffer[start];
    if (type === PLUS) {
      const isOk = start + 5 <= buffer.length && buffer[start + 1] === LETTER_O && buffer[start + 2] === LETTER_K;
      if (!isOk || buffer[start + 3] !== CR) return null;
      this.#position = start + 5;
      return 'OK';
    }
    if (type !== COLON || start + 4 > buffer.length || buffer[start + 2] !== CR) return null;
    const digit = buffer[start + 1]! - ZERO;
    if (digit < 0 || digit > 9) return null;
    this.#position = start + 4;
    return digit;
  }

  #parse(): Reply | typeof INCOMPLETE {
    const buffer = this.#buffer;
    const start = this.#position;
    const end = this.#lineEnd(start + 1);
    if (end < 0) return INCOMPLETE;
    this.#position = end + 2;
    switch (buffer[start]) {
      case PLUS:
        return buffer.toString('latin1', start + 1, end);
      case MINUS:
        return new ReplyError(buffer.toString('utf8', start + 1, end));
      case COLON:
        return this.#integer(start + 1, end);
      case DOLLAR:
        return this.#bulk(this.#integer(start + 1, end));
      case STAR:
        return this.#array(this.#integer(start + 1, end));
      default:
        throw new Error(`not RESP2: a reply begins with byte ${buffer[start]}`);
    }
  }

  /** Where the line that contains `from` ends; -1 when its CR LF has not all come. */
  #lineEnd(from: number): number {
    const buffer = this.#buffer;
    const last = buffer.length - 1;
    for (let at = from; at < last; at++) if (buffer[at] === CR) return at;
    return -1;
  }

  #integer(from: number, end: number): number {
    const negative = this.#buffer[from] === MINUS;
    const first = negative ? from + 1 : from;
    let value = 0;
    for (let at = first; at < end; at++) {
      const digit = this.#buffer[at]!;
      if (digit < ZERO || digit > NINE) throw new Error(`not RESP2: byte ${digit} in a number`);
      value = value * 10 + digit - ZERO;
    }
    if (first >= end) throw new Error('not RESP2: a number without digits');
    return negative ? -value : value;
  }

  #bulk(length: number): Buffer | null | typeof INCOMPLETE {
    if (length < 0) return null;
    const end = this.#position + length;
    if (end + 2 > this.#buffer.length) {
      this.#neededBytes = end + 2;
      return INCOMPLETE;
    }
    const bulk = this.#buffer.subarray(this.#position, end);
    this.#position = end + 2;
    return bulk;
  }

  #array(length: number): Reply[] | null | typeof INCOMPLETE {
    if (length < 0) return null;
    const items: Reply[] = [];
    while (items.length < length) {
      const item = this.#parse();
      if (item === INCOMPLETE) return INCOMPLETE;
      items.push(item);
    }
    return items;
  }
}
