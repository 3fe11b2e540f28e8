import type net from 'node:net';
import type { Redis } from 'ioredis';
import { parseClientList } from '../redis/client-list.ts';
import type { Endpoint } from '../redis/endpoint.ts';
import { encodeCommand, ReplyError, ReplyParser } from '../redis/resp.ts';
import { openSocket } from '../redis/socket.ts';

/** Every keyspace notification, as an application subscribes that looks for what it wants itself. */
const PATTERN = '__key*__:*';
const CLIENT_NAME = 'ttlscope-slow';

/** Flags of notify-keyspace-events by which the pattern is told of each command; A, written out, hides an n beside it. */
export const SLOW_SUBSCRIBER_FLAGS = 'Kg$lshzxet';

/** What the server holds for slow subscribers. */
export interface HeldForSlow {
  /** Of them that are still connected. */
  connected: number;
  /** Memory of their output buffers on the server. */
  outputBufferBytes: number;
}

/**
 * Subscribers that have stopped reading, as an application does that is stuck: what the server has to tell them waits
 * first in the sockets, then in the server's memory, which counts towards maxmemory.
 */
export class SlowSubscribers {
  readonly #sockets: net.Socket[] = [];

  /**
   * Subscribes so many, each confirmed.
   *
   * @throws the socket's error, or the server's as a `ReplyError`; none is left open then
   */
  static async open(endpoint: Endpoint, count: number): Promise<SlowSubscribers> {
    const subscribers = new SlowSubscribers();
    try {
      for (let i = 0; i < count; i++) {
        const socket = await openSocket(endpoint, { clientName: CLIENT_NAME });
        subscribers.#sockets.push(socket);
        await subscribe(socket);
      }
      return subscribers;
    } catch (error) {
      subscribers.close();
      throw error;
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** By CLIENT LIST: who does not read does not learn that it was cut. `null`: there are none, or the server does not tell. */
  async held(control: Redis): Promise<HeldForSlow | null> {
    if (this.#sockets.length === 0) return null;
    const list = await control.client('LIST').catch(() => null);
    if (typeof list !== 'string') return null;
    const own = parseClientList(list).filter((client) => client.get('name') === CLIENT_NAME);
    const outputBufferBytes = own.reduce((sum, client) => sum + Number(client.get('omem') ?? 0), 0);
    return { connected: own.length, outputBufferBytes };
  }
}

/** Waits for the confirmation, then reads no more. */
function subscribe(socket: net.Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null): void => {
      socket.off('data', onData).off('close', onClose).pause();
      if (error) reject(error);
      else resolve();
    };
    const onClose = (): void => settle(new Error('the server closed the connection'));
    const parser = new ReplyParser((reply) => settle(reply instanceof ReplyError ? reply : null));
    const onData = (bytes: Buffer): void => parser.push(bytes);
    socket.on('error', settle).on('close', onClose).on('data', onData);
    socket.write(encodeCommand(['PSUBSCRIBE', PATTERN]));
    socket.resume();
  });
}
