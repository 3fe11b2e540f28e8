import type { Socket } from 'node:net';
import type { Endpoint } from '../redis/endpoint.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { encodeCommand, type Reply, ReplyParser } from '../redis/resp.ts';
import { openSocket } from '../redis/socket.ts';

/** Called once for each command: with its reply, or with `undefined` when the connection was lost before one came. */
export type OnReply = (reply: Reply | undefined, receivedMonoMs: number) => void;

/** So that no command waits long behind others for its sending: about 200 of them. */
const FLUSH_BYTES = 16 * 1024;

/**
 * One connection on which commands are executed in the order of sending, pipelined without limit: the load is
 * open-loop, so a slow server makes the queue long and not the load slow. Replies are matched by position.
 */
export class WriteLane {
  readonly #endpoint: Endpoint;
  readonly #onCut: (reason: string) => void;
  #socket: Socket | null = null;
  #waiting: OnReply[] = [];
  #head = 0;
  #pending = '';
  #sent = 0;
  #drained: (() => void) | null = null;
  #drainBelow = 0;

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
    const socket = await openSocket(this.#endpoint, { clientName: 'ttlscope-lane', ...(signal && { signal }) });
    let receivedMonoMs = 0;
    const parser = new ReplyParser((reply) => this.#take(reply, receivedMonoMs));
    socket.on('data', (chunk: Buffer) => {
      receivedMonoMs = monotonicMs();
      parser.push(chunk);
      this.flush();
      this.#compact();
    });
    socket.on('error', (error) => this.#cut(socket, error.message));
    socket.on('close', () => this.#cut(socket, 'the server closed the connection'));
    socket.resume();
    this.#socket = socket;
  }

  /** Commands sent so far: the position of the next one. */
  get sent(): number {
    return this.#sent;
  }

  get inFlight(): number {
    return this.#waiting.length - this.#head;
  }

  get up(): boolean {
    return this.#socket !== null;
  }

  /**
   * Queues a command; it leaves with the next `flush` at the latest, one sent from a reply's callback when that read has
   * been worked off. While the lane is cut, it is unanswered at once.
   */
  send(args: readonly string[], onReply: OnReply): void {
    this.#sent++;
    if (!this.#socket) {
      onReply(undefined, monotonicMs());
      return;
    }
    this.#waiting.push(onReply);
    this.#pending += encodeCommand(args);
    if (this.#pending.length >= FLUSH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#pending === '') return;
    this.#socket?.write(this.#pending);
    this.#pending = '';
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

  #take(reply: Reply, receivedMonoMs: number): void {
    const onReply = this.#waiting[this.#head];
    if (!onReply) return;
    this.#head++;
    onReply(reply, receivedMonoMs);
  }

  #compact(): void {
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head > 65536) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    if (this.#drained && this.inFlight < this.#drainBelow) {
      const drained = this.#drained;
      this.#drained = null;
      drained();
    }
  }

  #cut(socket: Socket, reason: string): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    socket.destroy();
    this.#abandon();
    this.#onCut(reason);
  }

  #abandon(): void {
    const abandoned = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    this.#pending = '';
    const nowMonoMs = monotonicMs();
    for (const onReply of abandoned) onReply(undefined, nowMonoMs);
    this.#compact();
  }
}
