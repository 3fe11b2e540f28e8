import type { WriteLane } from '../load/write-lane.ts';
import { EVENT, type EventBatch } from '../observe/event-batch.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import type { RunClock } from './run-clock.ts';

/** A fence whose reply has come and which has been heard. Times: server's clock, ms from the run's start. */
export interface Fence {
  readonly sequence: number;
  /** Position in the write lane: every command before it was executed before it. */
  readonly order: number;
  readonly sentMs: number;
  readonly repliedMs: number;
  /** The server's TIME when it was published. */
  readonly publishedMs: number;
  readonly heardMs: number;
  /** Publishing to arrival: the delivery delay. */
  readonly deliveryMs: number;
  /** The server's INFO at the fence, where it was asked for. */
  readonly info: string | null;
  /** Fields of the hash of sessions, where there is one. */
  readonly fields: number | null;
}

interface SentFence {
  sequence: number;
  order: number;
  sentMs: number;
  reply: Pick<Fence, 'repliedMs' | 'publishedMs' | 'info' | 'fields'> | null;
  heardMs: number | null;
  onHeard: ((fence: Fence) => void) | undefined;
  resolve: (fence: Fence | null) => void;
}

export interface SendOptions {
  /** Ask for INFO as well. */
  info?: boolean;
  /** Give up waiting after this long. (Default: never) */
  limitMs?: number;
  /** Called when it is handed on, before any later message of the stream. */
  onHeard?: (fence: Fence) => void;
}

export interface FenceHandlers {
  /** A message of the stream that is no fence, in stream order with the fences. */
  event(event: number, space: number, value: number, heardMs: number): void;
  /** All that was published before it has been handed to `event`; all that was sent before it has been answered. */
  fence(fence: Fence): void;
}

/**
 * The fences of one primary: MULTI, TIME, (INFO,) PUBLISH, EXEC in the write lane. The stream of events is held at a
 * fence whose reply has not come yet, so that the ledger stands exactly at the fence when it is handed on. A fence
 * is also the delivery probe.
 */
export class Fences {
  readonly #lane: WriteLane;
  readonly #channel: string;
  readonly #clock: RunClock;
  readonly #handlers: FenceHandlers;
  readonly #fieldsKey: string | null;
  readonly #sent = new Map<number, SentFence>();
  #sequence = 0;
  #lastOrder = 0;
  /** Each read with the one time that all its messages were heard at: a clock that is set meanwhile would give two. */
  #inbox: { batch: EventBatch; heardMs: number }[] = [];
  #position = 0;
  #pumping = false;
  #isCut = false;
  /** When the last fence heard had been published, in run time. */
  lastPublishedMs = 0;

  /** @param fieldsKey the hash whose fields are sessions, if there is one */
  constructor(
    lane: WriteLane,
    channel: string,
    clock: RunClock,
    handlers: FenceHandlers,
    fieldsKey: string | null = null,
  ) {
    this.#lane = lane;
    this.#channel = channel;
    this.#clock = clock;
    this.#handlers = handlers;
    this.#fieldsKey = fieldsKey;
  }

  /**
   * Sends a fence. Resolves when it has been handed on; with `null` when it never will be: its reply or its message
   * was lost with a connection, the subscription is cut when the reply comes, or `limitMs` went by.
   */
  send(options: SendOptions = {}): Promise<Fence | null> {
    const sequence = ++this.#sequence;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const fence: SentFence = {
        sequence,
        order: this.#lane.sent,
        sentMs: this.#clock.nowMs(),
        reply: null,
        heardMs: null,
        onHeard: options.onHeard,
        resolve: (result) => {
          clearTimeout(timer);
          resolve(result);
        },
      };
      if (options.limitMs !== undefined) timer = setTimeout(() => this.#abandon(fence), options.limitMs);
      this.#sent.set(sequence, fence);
      this.#sendTransaction(fence, options);
    });
  }

  /** Position in the write lane of the fence that was sent last. */
  get lastOrder(): number {
    return this.#lastOrder;
  }

  /** The observer's batches, in stream order. */
  events(batch: EventBatch): void {
    this.#inbox.push({ batch, heardMs: this.#clock.fromMono(batch.arrivalMonoMs) });
    this.#pump();
  }

  /** The subscription was cut: fences not heard by now may never be, and nothing waits for them. */
  cut(): void {
    this.#isCut = true;
    for (const fence of this.#sent.values()) if (fence.reply && fence.heardMs === null) this.#abandon(fence);
  }

  /** The subscription is there again. */
  restored(): void {
    this.#isCut = false;
  }

  #sendTransaction(fence: SentFence, options: SendOptions): void {
    const ignore = (): void => {};
    fence.order = this.#lane.sent;
    this.#lastOrder = fence.order;
    this.#lane.send(['MULTI'], ignore);
    this.#lane.send(['TIME'], ignore);
    if (options.info) this.#lane.send(['INFO'], ignore);
    if (this.#fieldsKey !== null) this.#lane.send(['HLEN', this.#fieldsKey], ignore);
    this.#lane.send(['PUBLISH', this.#channel, String(fence.sequence)], ignore);
    this.#lane.send(['EXEC'], (reply, receivedMonoMs) => {
      if (reply instanceof ReplyError && reply.code === 'EXECABORT') this.#sendPlain(fence, options);
      else if (!Array.isArray(reply)) this.#abandon(fence);
      else {
        const info = options.info ? reply[1]! : null;
        this.#replied(fence, reply[0]!, info, this.#fieldsKey === null ? null : reply.at(-2)!, receivedMonoMs);
      }
    });
    this.#lane.flush();
  }

  /**
   * A server out of memory queues nothing after MULTI, but still does these at once; sent together they are executed
   * together.
   */
  #sendPlain(fence: SentFence, options: SendOptions): void {
    let time: Reply | undefined;
    let info: Reply | undefined = null;
    let fields: Reply | undefined = null;
    fence.order = this.#lane.sent;
    this.#lane.send(['TIME'], (reply) => {
      time = reply;
    });
    if (options.info) {
      this.#lane.send(['INFO'], (reply) => {
        info = reply;
      });
    }
    if (this.#fieldsKey !== null) {
      this.#lane.send(['HLEN', this.#fieldsKey], (reply) => {
        fields = reply;
      });
    }
    this.#lane.send(['PUBLISH', this.#channel, String(fence.sequence)], (reply, receivedMonoMs) => {
      if (typeof reply === 'number' && Array.isArray(time))
        this.#replied(fence, time, info ?? null, fields ?? null, receivedMonoMs);
      else this.#abandon(fence);
    });
    this.#lane.flush();
  }

  #abandon(fence: SentFence): void {
    this.#sent.delete(fence.sequence);
    fence.resolve(null);
    this.#pump();
  }

  #replied(fence: SentFence, time: Reply, info: Reply, fields: Reply, receivedMonoMs: number): void {
    fence.reply = {
      repliedMs: this.#clock.fromMono(receivedMonoMs),
      publishedMs: this.#clock.fromServer(timeToMs(time)),
      info: info === null ? null : String(info),
      fields: typeof fields === 'number' ? fields : null,
    };
    if (this.#isCut) this.#abandon(fence);
    else this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#inbox.length > 0) {
        const { batch, heardMs } = this.#inbox[0]!;
        for (; this.#position < batch.codes.length; this.#position++) {
          const code = batch.codes[this.#position]!;
          const value = batch.values[this.#position]!;
          if (code >> 4 !== EVENT.fence) {
            this.#handlers.event(code >> 4, code & 15, value, heardMs);
            continue;
          }
          const fence = this.#sent.get(value);
          if (!fence) continue;
          if (!fence.reply) return;
          fence.heardMs = heardMs;
          this.#handOn(fence);
        }
        this.#inbox.shift();
        this.#position = 0;
      }
    } finally {
      this.#pumping = false;
    }
  }

  #handOn(sent: SentFence): void {
    for (const [sequence, older] of this.#sent) {
      if (sequence > sent.sequence) break;
      this.#sent.delete(sequence);
      if (older !== sent) older.resolve(null);
    }
    const { sequence, order, sentMs } = sent;
    const { repliedMs, publishedMs, info, fields } = sent.reply!;
    const heardMs = sent.heardMs!;
    const deliveryMs = heardMs - publishedMs;
    this.lastPublishedMs = publishedMs;
    const fence: Fence = { sequence, order, sentMs, repliedMs, publishedMs, heardMs, deliveryMs, info, fields };
    this.#handlers.fence(fence);
    sent.onHeard?.(fence);
    sent.resolve(fence);
  }
}

/** A TIME reply, `[seconds, microseconds]`, as Unix ms. */
export function timeToMs(time: Reply): number {
  const [seconds, microseconds] = time as [Buffer, Buffer];
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}
