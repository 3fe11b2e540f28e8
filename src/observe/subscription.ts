import type { Socket } from 'node:net';
import type { Endpoint } from '../redis/endpoint.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { encodeCommand, ReplyError } from '../redis/resp.ts';
import { openSocket } from '../redis/socket.ts';
import { EVENT } from './event-batch.ts';
import { MessageParser } from './message-parser.ts';
import type { ObserverOptions } from './protocol.ts';

const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1000;
const MOST_IN_A_READ = 4096;

export interface SubscriptionHandlers {
  /** What one read completed; the arrays are the receiver's. `size`: bytes read. */
  batch(arrivalMonoMs: number, codes: Uint8Array, values: Uint32Array, size: number): void;
  /** Every channel is confirmed. */
  subscribed(): void;
  /** The connection was lost; it is being made anew. */
  cut(reason: string): void;
  /** The server refuses the subscription: no further attempt is made. */
  refused(reason: string): void;
}

/**
 * One primary's events, on a bare socket for nothing else. The arrival is taken on entry to the read callback, before
 * anything is parsed. Channels are subscribed to by their exact names: a message then is three parts and not four, and
 * the server looks the channel up instead of matching patterns.
 */
export class Subscription {
  readonly #endpoint: Endpoint;
  readonly #channels: ReadonlyMap<string, number>;
  readonly #keyPrefix: string;
  readonly #handlers: SubscriptionHandlers;
  #retryMs = FIRST_RETRY_MS;
  #codes = new Uint8Array(MOST_IN_A_READ);
  #values = new Uint32Array(MOST_IN_A_READ);
  #count = 0;

  constructor(endpoint: Endpoint, { keyPrefix, events }: ObserverOptions, handlers: SubscriptionHandlers) {
    this.#endpoint = endpoint;
    this.#keyPrefix = keyPrefix;
    this.#handlers = handlers;
    this.#channels = new Map([
      ...events.map((event) => [`__keyevent@${endpoint.db}__:${event}`, EVENT[event]] as const),
      [`${keyPrefix}fence`, EVENT.fence],
    ]);
  }

  /** Connects and subscribes, again and again until the server refuses. */
  connect(): void {
    openSocket(this.#endpoint, { clientName: 'ttlscope-observer' }).then(
      (socket) => this.#subscribe(socket),
      (error: Error) => {
        if (error instanceof ReplyError) this.#handlers.refused(error.message);
        else this.#retry();
      },
    );
  }

  #subscribe(socket: Socket): void {
    let unconfirmed = this.#channels.size;
    let open = true;
    const cut = (reason: string): void => {
      if (!open) return;
      open = false;
      socket.destroy();
      if (unconfirmed === 0) this.#handlers.cut(reason);
      this.#retry();
    };
    const parser = new MessageParser(this.#channels, this.#keyPrefix, {
      message: (code, value) => this.#keep(code, value),
      subscribed: () => {
        if (--unconfirmed > 0) return;
        this.#retryMs = FIRST_RETRY_MS;
        this.#handlers.subscribed();
      },
      error: (message) => {
        open = false;
        socket.destroy();
        this.#handlers.refused(message);
      },
    });
    socket.on('data', (chunk: Buffer) => {
      const arrivalMonoMs = monotonicMs();
      try {
        parser.push(chunk);
      } catch (error) {
        cut((error as Error).message);
      }
      this.#handOn(arrivalMonoMs, chunk.length);
    });
    socket.on('error', (error) => cut(error.message));
    socket.on('close', () => cut('the server closed the subscription'));
    socket.write(encodeCommand(['SUBSCRIBE', ...this.#channels.keys()]));
    socket.resume();
  }

  #retry(): void {
    setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }

  #keep(code: number, value: number): void {
    if (this.#count === this.#codes.length) this.#grow();
    this.#codes[this.#count] = code;
    this.#values[this.#count] = value;
    this.#count++;
  }

  #handOn(arrivalMonoMs: number, size: number): void {
    if (this.#count === 0) return;
    const codes = this.#codes.slice(0, this.#count);
    const values = this.#values.slice(0, this.#count);
    this.#count = 0;
    this.#handlers.batch(arrivalMonoMs, codes, values, size);
  }

  #grow(): void {
    const codes = new Uint8Array(this.#codes.length * 2);
    const values = new Uint32Array(this.#values.length * 2);
    codes.set(this.#codes);
    values.set(this.#values);
    this.#codes = codes;
    this.#values = values;
  }
}
