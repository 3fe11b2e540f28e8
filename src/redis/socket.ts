import net from 'node:net';
import tls from 'node:tls';
import type { Endpoint } from './endpoint.ts';
import { encodeCommand, type Reply, ReplyError, ReplyParser } from './resp.ts';

export interface SocketOptions {
  signal?: AbortSignal;
  /** CLIENT SETNAME, so that its owner knows whose connection it is. */
  clientName?: string;
  /** (Default: 5000) */
  connectTimeoutMs?: number;
  /**
   * Each read goes straight into the memory that `buffer` gave last, and is told to `onRead` on entry to the read
   * callback, before `buffer` is asked for the next: no `data` events, no memory for each. (Default: `data` events)
   */
  reads?: { buffer(): Buffer; onRead(size: number): void };
}

const CONNECT_TIMEOUT_MS = 5000;
const KEEP_ALIVE_MS = 10_000;

/**
 * A bare RESP2 socket: connected, authenticated, named, its database selected, without delay and with keep-alive, to a
 * server that answers PING. Nothing is unread on it and no listener of ours is left on it; it is paused, unless there
 * are `reads`. Listen for `error`, `end` and `close` before anything else is awaited.
 *
 * @throws the socket's error, or the server's as a `ReplyError`; never with the password in it
 */
export function openSocket(endpoint: Endpoint, options: SocketOptions = {}): Promise<net.Socket> {
  const { signal, reads, clientName, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const greeting = new Greeting(endpoint, clientName);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    let state: 'opening' | 'open' | 'failed' = 'opening';
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off(connected, onConnect).off('error', fail).off('end', onEnd).off('close', onEnd).off('data', onBytes);
    };
    const fail = (error: Error): void => {
      state = 'failed';
      settle();
      socket.on('error', () => {}).destroy();
      reject(error);
    };
    const onEnd = (): void => fail(new Error('the server closed the connection'));
    const onAbort = (): void => fail(abortError(signal!));
    const onConnect = (): void => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.write(greeting.text);
    };
    const onBytes = (bytes: Buffer): void => {
      try {
        if (!greeting.answered(bytes)) return;
      } catch (error) {
        fail(error as Error);
        return;
      }
      state = 'open';
      settle();
      if (!reads) socket.pause();
      resolve(socket);
    };
    let memory = reads?.buffer();
    const onread: net.OnReadOpts | undefined = reads && {
      buffer: () => (memory = reads.buffer()),
      callback: (size) => {
        if (state === 'open') reads.onRead(size);
        else if (state === 'opening') onBytes(Buffer.from(memory!.subarray(0, size)));
        return true;
      },
    };
    const socket = dial(endpoint, onread);
    const connected = endpoint.tls ? 'secureConnect' : 'connect';
    const timer = setTimeout(() => fail(new Error(`no answer within ${connectTimeoutMs / 1000} s`)), connectTimeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on(connected, onConnect).on('error', fail).on('end', onEnd).on('close', onEnd);
    if (!reads) socket.on('data', onBytes);
  });
}

/** What is said first on a connection, and the check of what is answered. */
class Greeting {
  /** Encoded. */
  readonly text: string;
  readonly #optional: boolean[] = [];
  readonly #password: string | undefined;
  readonly #parser = new ReplyParser((reply) => this.#check(reply));
  #answers = 0;

  constructor({ username, password, db }: Endpoint, clientName: string | undefined) {
    this.#password = password;
    let text = '';
    /** `optional`: a user who may not do it is let through all the same. */
    const say = (args: string[], optional: boolean): void => {
      text += encodeCommand(args);
      this.#optional.push(optional);
    };
    if (password !== undefined) say(['AUTH', ...(username === undefined ? [] : [username]), password], false);
    if (db !== 0) say(['SELECT', String(db)], false);
    if (clientName !== undefined) say(['CLIENT', 'SETNAME', clientName], true);
    say(['PING'], true);
    this.text = text;
  }

  /** Takes what was read. Returns whether all is answered. Throws the server's error. */
  answered(bytes: Buffer): boolean {
    this.#parser.push(bytes);
    return this.#answers >= this.#optional.length;
  }

  #check(reply: Reply): void {
    const optional = this.#optional[this.#answers++];
    if (!(reply instanceof ReplyError) || (optional && reply.code === 'NOPERM')) return;
    // A server that does not know AUTH may repeat it: `unknown command 'AUTH', with args beginning with: …`.
    throw this.#password ? new ReplyError(reply.message.replaceAll(this.#password, '***')) : reply;
  }
}

function dial({ host, port, path, tls: secure }: Endpoint, onread: net.OnReadOpts | undefined): net.Socket {
  const reading = onread === undefined ? {} : { onread };
  if (path !== undefined) return net.connect({ path, ...reading });
  if (!secure) return net.connect({ host, port, ...reading });
  return tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }), ...reading });
}

function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(`aborted: ${signal.reason}`);
}
