import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { closeSocket } from './close-socket.ts';
import { explainFailure } from './connect-failure.ts';
import type { Endpoint } from './endpoint.ts';
import { ReplyError } from './resp.ts';
import { openSocket } from './socket.ts';

const CONNECT_LIMIT_MS = 5_000;
const LOADING_LIMIT_MS = 10_000;
const LOADING_POLL_MS = 100;
/** A server that turns a connection away says why before it is asked anything. */
const FIRST_WORD_LIMIT_MS = 500;

export interface ConnectOptions {
  /** By CLIENT SETNAME, so that the server's owner knows whose connection it is. */
  name: string;
  /** How long to wait for a connection and its first answer. (Default: 5000) */
  connectLimitMs?: number;
  /** How long to wait for a server that is loading its data. (Default: 10000) */
  loadingLimitMs?: number;
}

/**
 * Opens a control connection, which does not reconnect by itself: its commands fail once it is lost.
 *
 * @throws {ServerUnusable} with the cause and the remedy
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions): Promise<Redis> {
  const { name, connectLimitMs = CONNECT_LIMIT_MS, loadingLimitMs = LOADING_LIMIT_MS } = options;
  try {
    await reach(endpoint, connectLimitMs, loadingLimitMs);
    return await openClient(endpoint, name, connectLimitMs);
  } catch (error) {
    throw explainFailure(error, endpoint);
  }
}

/** Sees that the endpoint is a server that lets us in, by a bare socket: ioredis goes on after some refusals. */
async function reach(endpoint: Endpoint, connectTimeoutMs: number, loadingLimitMs: number): Promise<void> {
  const until = performance.now() + loadingLimitMs;
  for (;;) {
    try {
      const socket = await openSocket(endpoint, { connectTimeoutMs });
      await closeSocket(socket);
      return;
    } catch (error) {
      const isLoading = error instanceof ReplyError && error.code === 'LOADING';
      if (!isLoading) throw (await firstWord(endpoint, error as Error)) ?? error;
      if (performance.now() > until) throw error;
      await delay(LOADING_POLL_MS);
    }
  }
}

/**
 * What the server says to one who says nothing, where it has closed the connection: in answer to our first command it may
 * have reset it, and its words are lost then.
 */
async function firstWord(endpoint: Endpoint, { message }: Error): Promise<ReplyError | null> {
  if (endpoint.tls || !/ECONNRESET|EPIPE|closed the connection/.test(message)) return null;
  const { host, port, path } = endpoint;
  return new Promise((resolve) => {
    let said = '';
    const socket = path === undefined ? net.connect({ host, port }) : net.connect({ path });
    socket.setTimeout(FIRST_WORD_LIMIT_MS, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', () => {});
    socket.once('close', () => resolve(/^-.+\r\n/.test(said) ? new ReplyError(said.slice(1).trimEnd()) : null));
  });
}

async function openClient(endpoint: Endpoint, name: string, limitMs: number): Promise<Redis> {
  const { host, port, path, tls, username, password, db } = endpoint;
  const redis = new Redis({
    ...(path === undefined ? { host, port } : { path }),
    ...(tls && { tls: net.isIP(host) === 0 ? { servername: host } : {} }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    db,
    connectionName: name,
    disableClientInfo: true,
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    retryStrategy: () => null,
  });
  let failure: Error | null = null;
  redis.on('error', (error: Error) => {
    failure ??= error;
  });
  const limit = setTimeout(() => {
    failure ??= new Error(`no answer within ${limitMs / 1000} s`);
    redis.disconnect();
  }, limitMs);
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw failure ?? error;
  } finally {
    clearTimeout(limit);
  }
}
