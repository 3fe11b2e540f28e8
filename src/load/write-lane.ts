import type { Socket } from 'node:net';
import type { Endpoint } from '../redis/endpoint.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { encodeCommand, type Reply, ReplyParser } from '../redis/resp.ts';
import { openSocket } from '../redis/socket.ts';

/** Called once for each command: with its reply, or with `undefined` when the connection was lost before one came. */
export type OnReply = (reply: Reply | undefined, receivedMonoMs: number) => void;

/** The same for commands written by `reserve` and `commit`, told apart by the two numbers given with them. */
export type OnNumberedReply = (code: number, value: number, reply: Reply | undefined, receivedMonoMs: number) => void;

/**
 * Written at once when so much waits. Of commands of 300 bytes about 200: a larger piece saves little (5 ns a command
 * from 64 to 256 kB), and the commands in it leave as much later.
 */
const FLUSH_BYTES = 64 * 1024;
const CHUNK_BYTES = 4 * FLUSH_BYTES;
const READ_BYTES = 64 * 1024;
const FIRST_CAPACITY = 4096;
const MOST_SPENT_CALLBACKS = 1024;
/** The code of a command that was given a callback. */
const CALLBACK = -1;

/** Memory that commands are written into; free again when the socket has taken all that was. */
interface Chunk {
  readonly buffer: Buffer;
  /** Writes that the socket has not taken. */
  writes: number;
  retired: boolean;
}

/**
 * One connection on which commands are executed in the order of sending, pipelined without limit; who sends
 * looks at `unsentBytes` or `inFlight` and waits where it must. Replies are matched by position.
 *
 * Commands are encoded into chunks that are used again, and what waits for a reply is two numbers in a ring: a command
 * costs no object.
 */
export class WriteLane {
  readonly #endpoint: Endpoint;
  readonly #onCut: (reason: string) => void;
  #socket: Socket | null = null;
  #onNumbered: OnNumberedReply = () => {};
  #onFlush: () => void = () => {};
  #codes = new Int32Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  /** Commands answered, and commands sent: the ring's ends, and positions in the lane. */
  #answered = 0;
  #sent = 0;
  #callbacks: OnReply[] = [];
  #firstCallback = 0;
  #chunk: Chunk = newChunk(CHUNK_BYTES);
  readonly #free: Chunk[] = [];
  /** What of the chunk has been given to the socket, and what has been written into it. */
  #flushed = 0;
  #filled = 0;
  #drained: (() => void) | null = null;
  #drainBelow = 0;
  #abandoning = false;

  private constructor(endpoint: Endpoint, onCut: (reason: string) => void) {
    this.#endpoint = endpoint;
    this.#onCut = onCut;
  }

  /** Connects. `onCut` is called once for each loss of the connection that `close` did not ask for. */
  static async open(endpoint: Endpoint, onCut: (reason: string) => void): Promise<WriteLane> {
    const lane = new WriteLane(endpoint, onCut);
    await lane.reopen();
    return lane;
  }

  /** Connects anew after a cut. Rejects with the server's or the socket's error. */
  async reopen(signal?: AbortSignal): Promise<void> {
    const memory = Buffer.allocUnsafeSlow(READ_BYTES);
    let receivedMonoMs = 0;
    const parser = new ReplyParser((reply) => this.#take(reply, receivedMonoMs));
    const reads = {
      buffer: () => memory,
      onRead: (size: number) => {
        receivedMonoMs = monotonicMs();
        try {
          parser.push(memory.subarray(0, size));
        } catch (error) {
          this.#cut(socket, (error as Error).message);
          return;
        }
        this.flush();
        this.#noteDrained();
      },
    };
    const socket = await openSocket(this.#endpoint, {
      clientName: 'ttlscope-lane',
      reads,
      ...(signal && { signal }),
    });
    const onClose = (): void => this.#cut(socket, 'the server closed the connection');
    socket.on('error', (error) => this.#cut(socket, error.message));
    socket.on('end', onClose).on('close', onClose);
    this.#socket = socket;
  }

  /** Who hears the replies to numbered commands, and of each flush, just before the commands leave. */
  listen(onNumbered: OnNumberedReply, onFlush: () => void): void {
    this.#onNumbered = onNumbered;
    this.#onFlush = onFlush;
  }

  /** Commands sent so far: the position of the next one. */
  get sent(): number {
    return this.#sent;
  }

  get inFlight(): number {
    return this.#sent - this.#answered;
  }

  /** What has been written and the system has not taken. */
  get unsentBytes(): number {
    return (this.#socket?.writableLength ?? 0) + this.#filled - this.#flushed;
  }

  get up(): boolean {
    return this.#socket !== null;
  }

  /** Room for a command of at most so many bytes; it begins at `at`. To be followed by `commit`. */
  reserve(bytes: number): { buffer: Buffer; at: number } {
    if (this.#filled + bytes > this.#chunk.buffer.length) this.#nextChunk(bytes);
    this.#room.buffer = this.#chunk.buffer;
    this.#room.at = this.#filled;
    return this.#room;
  }

  readonly #room = { buffer: this.#chunk.buffer, at: 0 };

  /**
   * Queues the command that has been written from `reserve`'s place to `end`; it leaves with the next `flush` at the latest,
   * one sent from a reply's callback when that read has been worked off. While the lane is cut, it is unanswered at once.
   */
  commit(end: number, code: number, value: number): void {
    this.#expect(code, value);
    if (!this.#socket) {
      this.#abandon();
      return;
    }
    this.#filled = end;
    if (end - this.#flushed >= FLUSH_BYTES) this.flush();
  }

  /** The same, with a callback of its own. */
  commitFor(end: number, onReply: OnReply): void {
    this.#callbacks.push(onReply);
    this.commit(end, CALLBACK, 0);
  }

  /** The same for a command that is seldom sent. */
  send(args: readonly string[], onReply: OnReply): void {
    const text = encodeCommand(args);
    const { buffer, at } = this.reserve(Buffer.byteLength(text));
    this.commitFor(at + buffer.write(text, at), onReply);
  }

  flush(): void {
    if (this.#filled === this.#flushed || !this.#socket) return;
    this.#onFlush();
    const chunk = this.#chunk;
    chunk.writes++;
    const bytes = chunk.buffer.subarray(this.#flushed, this.#filled);
    this.#flushed = this.#filled;
    this.#socket.write(bytes, () => {
      chunk.writes--;
      this.#recycle(chunk);
    });
  }

  /** Resolves once fewer than `below` commands wait for a reply. */
  async drained(below: number): Promise<void> {
    this.flush();
    if (this.inFlight < below) return;
    this.#drainBelow = below;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
    this.#abandon();
  }

  #expect(code: number, value: number): void {
    if (this.inFlight === this.#codes.length) this.#growRing();
    const at = this.#sent & (this.#codes.length - 1);
    this.#codes[at] = code;
    this.#values[at] = value;
    this.#sent++;
  }

  #take(reply: Reply | undefined, receivedMonoMs: number): void {
    if (this.#answered === this.#sent) return;
    const at = this.#answered++ & (this.#codes.length - 1);
    const code = this.#codes[at]!;
    if (code === CALLBACK) this.#nextCallback()(reply, receivedMonoMs);
    else this.#onNumbered(code, this.#values[at]!, reply, receivedMonoMs);
  }

  #nextCallback(): OnReply {
    const callback = this.#callbacks[this.#firstCallback++]!;
    if (this.#firstCallback === this.#callbacks.length || this.#firstCallback === MOST_SPENT_CALLBACKS) {
      this.#callbacks = this.#callbacks.slice(this.#firstCallback);
      this.#firstCallback = 0;
    }
    return callback;
  }

  #noteDrained(): void {
    if (!this.#drained || this.inFlight >= this.#drainBelow) return;
    const drained = this.#drained;
    this.#drained = null;
    drained();
  }

  #growRing(): void {
    const [codes, values] = [this.#codes, this.#values];
    this.#codes = new Int32Array(2 * codes.length);
    this.#values = new Float64Array(2 * codes.length);
    for (let place = this.#answered; place < this.#sent; place++) {
      const [from, to] = [place & (codes.length - 1), place & (this.#codes.length - 1)];
      this.#codes[to] = codes[from]!;
      this.#values[to] = values[from]!;
    }
  }

  #nextChunk(bytes: number): void {
    this.flush();
    const full = this.#chunk;
    full.retired = true;
    this.#chunk = bytes > CHUNK_BYTES ? newChunk(bytes) : (this.#free.pop() ?? newChunk(CHUNK_BYTES));
    this.#chunk.retired = false;
    this.#flushed = 0;
    this.#filled = 0;
    this.#recycle(full);
  }

  #recycle(chunk: Chunk): void {
    if (!chunk.retired || chunk.writes > 0 || chunk.buffer.length !== CHUNK_BYTES) return;
    this.#free.push(chunk);
  }

  #cut(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    socket.destroy();
    this.#abandon();
    this.#onCut(reason);
  }

  /** None of what waits will be answered, nor what is sent from its callbacks, which waits behind it. */
  #abandon(): void {
    if (this.#abandoning) return;
    this.#abandoning = true;
    const nowMonoMs = monotonicMs();
    this.#flushed = this.#filled;
    try {
      while (this.#answered < this.#sent) this.#take(undefined, nowMonoMs);
    } finally {
      this.#abandoning = false;
    }
    this.#noteDrained();
  }
}

function newChunk(bytes: number): Chunk {
  return { buffer: Buffer.allocUnsafeSlow(bytes), writes: 0, retired: false };
}
