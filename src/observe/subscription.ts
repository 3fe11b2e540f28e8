import type { Socket } from 'node:net';
import type { Endpoint } from '../redis/endpoint.ts';
import { monotonicMs } from '../redis/monotonic.ts';
import { encodeCommand, ReplyError } from '../redis/resp.ts';
import { openSocket } from '../redis/socket.ts';
import { BatchBuilder } from './batch-builder.ts';
import { EVENT } from './event-batch.ts';
import { MessageParser } from './message-parser.ts';
import type { ObserverOptions } from './protocol.ts';

const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1000;
/** So large that what waits in the socket is one read with one arrival, and not several, each later by a parse. */
const READ_BYTES = 1024 * 1024;

export interface SubscriptionHandlers {
  /** One read. `builder` holds the messages that it completed, to be taken. */
  read(arrivalMonoMs: number, bytes: number, builder: BatchBuilder): void;
  /** Every channel is confirmed. */
  confirmed(atMonoMs: number): void;
  /** The confirmed subscription was lost; it is being made anew. */
  cut(atMonoMs: number, reason: string): void;
  /** It could not be made the first time; no further attempt follows. */
  failed(error: Error): void;
}

/**
 * One primary's events, on a bare socket for nothing else.
 *
 *     connecting ──► subscribing ──► confirmed ──► cut ──► connecting (after 10 ms, doubling to 1 s) ──► …
 *          └──────────────┴── failed, if it has never been confirmed
 *
 * Channels are subscribed to by their exact names, not by patterns: a message is shorter (measured with 22-byte keys:
 * 78 bytes, not 111), the server looks its channel up instead of matching patterns, and an ACL that permits a pattern
 * permits every name that it matches.
 */
export class Subscription {
  readonly #endpoint: Endpoint;
  readonly #channels: ReadonlyMap<string, number>;
  readonly #keyPrefix: string;
  readonly #handlers: SubscriptionHandlers;
  readonly #builder = new BatchBuilder();
  readonly #readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #everConfirmed = false;
  #retryMs = FIRST_RETRY_MS;

  constructor(endpoint: Endpoint, { keyPrefix, events }: ObserverOptions, handlers: SubscriptionHandlers) {
    this.#endpoint = endpoint;
    this.#keyPrefix = keyPrefix;
    this.#handlers = handlers;
    this.#channels = new Map([
      ...events.map((event) => [`__keyevent@${endpoint.db}__:${event}`, EVENT[event]] as const),
      [`${keyPrefix}fence`, EVENT.fence],
    ]);
  }

  /** Makes the subscription and keeps it made, for as long as the thread lives. */
  connect(): void {
    let socket: Socket | null = null;
    let unconfirmed = this.#channels.size;
    let lost = false;
    let refusal: ReplyError | null = null;

    const lose = (error: Error): void => {
      if (lost) return;
      lost = true;
      socket?.destroy();
      this.#lost(error, unconfirmed === 0);
    };
    const parser = new MessageParser(this.#channels, this.#keyPrefix, {
      message: (code, value) => this.#builder.add(code, value),
      subscribed: () => {
        if (--unconfirmed === 0) this.#confirmed();
      },
      error: (message) => {
        refusal ??= new ReplyError(message);
      },
    });
    const onRead = (bytes: Buffer): void => {
      const arrivalMonoMs = monotonicMs();
      if (lost) return;
      let failure: Error | null = null;
      try {
        parser.push(bytes);
        failure = refusal;
      } catch (error) {
        failure = error as Error;
      }
      this.#handlers.read(arrivalMonoMs, bytes.length, this.#builder);
      if (failure) lose(failure);
    };

    openSocket(this.#endpoint, { clientName: 'ttlscope-observer', reads: { buffer: this.#readBuffer, onRead } }).then(
      (opened) => {
        socket = opened;
        const onEnd = (): void => lose(new Error('the server closed the connection'));
        socket.on('error', lose).on('end', onEnd).on('close', onEnd);
        socket.write(encodeCommand(['SUBSCRIBE', ...this.#channels.keys()]));
      },
      lose,
    );
  }

  #confirmed(): void {
    this.#everConfirmed = true;
    this.#retryMs = FIRST_RETRY_MS;
    this.#handlers.confirmed(monotonicMs());
  }

  #lost(error: Error, wasConfirmed: boolean): void {
    if (!this.#everConfirmed) {
      this.#handlers.failed(error);
      return;
    }
    if (wasConfirmed) this.#handlers.cut(monotonicMs(), error.message);
    setTimeout(() => this.connect(), this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }
}
