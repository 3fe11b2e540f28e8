/** An error reply. `code` is its first word: `OOM`, `NOAUTH`. */
export class ReplyError extends Error {
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = 'ReplyError';
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

/** Stands for a reply whose bytes have not all come. */
const INCOMPLETE = Symbol('incomplete');

/** Parses a stream of RESP2 replies, however it is split. Throws on what is no RESP2. */
export class ReplyParser {
  readonly #onReply: (reply: Reply) => void;
  #buffer: Buffer = Buffer.alloc(0);
  #position = 0;

  constructor(onReply: (reply: Reply) => void) {
    this.#onReply = onReply;
  }

  push(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#position = 0;
    for (;;) {
      const start = this.#position;
      const reply = this.#parse();
      if (reply === INCOMPLETE) {
        this.#buffer = this.#buffer.subarray(start);
        return;
      }
      this.#onReply(reply);
    }
  }

  #parse(): Reply | typeof INCOMPLETE {
    const end = this.#buffer.indexOf(CR, this.#position);
    if (end < 0 || end + 1 >= this.#buffer.length) return INCOMPLETE;
    const type = this.#buffer[this.#position]!;
    const from = this.#position + 1;
    this.#position = end + 2;
    switch (type) {
      case PLUS:
        return this.#buffer.toString('latin1', from, end);
      case MINUS:
        return new ReplyError(this.#buffer.toString('utf8', from, end));
      case COLON:
        return this.#integer(from, end);
      case DOLLAR:
        return this.#bulk(this.#integer(from, end));
      case STAR:
        return this.#array(this.#integer(from, end));
      default:
        throw new Error(`not RESP2: a reply begins with byte ${type}`);
    }
  }

  #integer(from: number, end: number): number {
    return Number(this.#buffer.toString('latin1', from, end));
  }

  #bulk(length: number): Buffer | null | typeof INCOMPLETE {
    if (length < 0) return null;
    const end = this.#position + length;
    if (end + 2 > this.#buffer.length) return INCOMPLETE;
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
