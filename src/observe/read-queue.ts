import { monotonicMs } from '../redis/monotonic.ts';

/** As much as Redis writes to one client before it turns to others, twice. */
const BLOCK_BYTES = 128 * 1024;
/** Parsed between two looks at the clock. */
const STEP_BYTES = 4 * 1024;
/** For how long parsing may keep the thread from its next read. */
const SLICE_MS = 0.1;

export interface ReadHandlers {
  /** The next bytes of the stream; they do not outlive the call. Must not throw. */
  parse(bytes: Buffer): void;
  /** The read that arrived then has been parsed to its end. */
  parsed(arrivalMonoMs: number, bytes: number): void;
}

interface Read {
  arrivalMonoMs: number;
  block: Buffer;
  size: number;
}

/**
 * Reads that have their timestamp and wait to be parsed. Parsing gives way to reading: in a herd the server sends faster
 * than a thread that has just started parses, and a read that waits for the parser would get too late a timestamp.
 */
export class ReadQueue {
  readonly #handlers: ReadHandlers;
  #reads: Read[] = [];
  #head = 0;
  /** How much of the first read is parsed. */
  #parsedBytes = 0;
  #free: Buffer[] = [];
  #next: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #scheduled = false;

  constructor(handlers: ReadHandlers) {
    this.#handlers = handlers;
  }

  /** Where the next read is to be put. */
  get next(): Buffer {
    return this.#next;
  }

  /** Takes what has been read into `next`. */
  add(arrivalMonoMs: number, size: number): void {
    this.#reads.push({ arrivalMonoMs, block: this.#next, size });
    this.#next = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#schedule();
  }

  /** Parses all that waits. */
  drain(): void {
    while (this.#head < this.#reads.length) this.#step();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const untilMonoMs = monotonicMs() + SLICE_MS;
      while (this.#head < this.#reads.length && monotonicMs() < untilMonoMs) this.#step();
      if (this.#head < this.#reads.length) this.#schedule();
    });
  }

  #step(): void {
    const read = this.#reads[this.#head]!;
    const from = this.#parsedBytes;
    const to = Math.min(read.size, from + STEP_BYTES);
    this.#handlers.parse(read.block.subarray(from, to));
    this.#parsedBytes = to;
    if (to < read.size) return;
    this.#parsedBytes = 0;
    this.#free.push(read.block);
    if (++this.#head === this.#reads.length) {
      this.#reads = [];
      this.#head = 0;
    }
    this.#handlers.parsed(read.arrivalMonoMs, read.size);
  }
}
