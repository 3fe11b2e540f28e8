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
   * Each read is put into `buffer` and told to `onRead` at once, on entry to the read callback, instead of in a `data`
   * event: nothing is allocated for it. The bytes hold until `onRead` returns. (Default: `data` events, once resumed)
   */
  reads?: { buffer: Buffer; onRead(bytes: Buffer): void };
}

const CONNECT_TIMEOUT_MS = 5000;
const KEEP_ALIVE_MS = 10_000;

interface Greeting {
  args: string[];
  /** An account that may not do it is let through all the same. */
  optional: boolean;
}

/**
 * A bare RESP2 socket: connected, authenticated, named, its database selected, without delay and with keep-alive, to a
 * server that answers PING. Nothing is unread on it, it is paused (unless `reads` are given), and no listener is left
 * on it: take care of `error`, `end` and `close` before anything else is awaited.
 *
 * @throws the socket's error, or the server's as a `ReplyError`; never with the password in it
 */
export function openSocket(endpoint: Endpoint, options: SocketOptions = {}): Promise<net.Socket> {
  const { signal, reads, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  const greetings = greet(endpoint, options.clientName);
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(signal));
      return;
    }
    let settled = false;
    const socket = dial(
      endpoint,
      reads && { buffer: reads.buffer, callback: (size) => onBytes(reads.buffer.subarray(0, size)) },
    );
    const connected = endpoint.tls ? 'secureConnect' : 'connect';

    const settle = (): void => {
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off(connected, onConnect).off('error', fail).off('end', onEnd).off('close', onEnd);
      if (!reads) socket.off('data', onData);
    };
    const fail = (error: Error): void => {
      if (settled) return;
      settle();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onEnd = (): void => fail(new Error('the server closed the connection'));
    const onAbort = (): void => fail(aborted(signal!));
    const onConnect = (): void => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.write(greetings.map(({ args }) => encodeCommand(args)).join(''));
    };
    let answered = 0;
    const parser = new ReplyParser((reply: Reply) => {
      const greeting = greetings[answered++];
      if (settled || !greeting) return;
      if (reply instanceof ReplyError && !(greeting.optional && reply.code === 'NOPERM')) {
        fail(withoutPassword(reply, endpoint.password));
      } else if (answered === greetings.length) {
        settle();
        if (!reads) socket.pause();
        resolve(socket);
      }
    });
    const onData = (chunk: Buffer): void => {
      try {
        parser.push(chunk);
      } catch (error) {
        fail(error as Error);
      }
    };
    const onBytes = (bytes: Buffer): boolean => {
      if (settled) reads!.onRead(bytes);
      else onData(Buffer.from(bytes));
      return true;
    };

    const timer = setTimeout(() => fail(new Error(`no answer within ${connectTimeoutMs / 1000} s`)), connectTimeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on(connected, onConnect).on('error', fail).on('end', onEnd).on('close', onEnd);
    if (!reads) socket.on('data', onData);
  });
}

function greet({ username, password, db }: Endpoint, clientName: string | undefined): Greeting[] {
  const greetings: Greeting[] = [];
  if (password !== undefined) {
    greetings.push({
      args: username === undefined ? ['AUTH', password] : ['AUTH', username, password],
      optional: false,
    });
  }
  if (db !== 0) greetings.push({ args: ['SELECT', String(db)], optional: false });
  if (clientName !== undefined) greetings.push({ args: ['CLIENT', 'SETNAME', clientName], optional: true });
  greetings.push({ args: ['PING'], optional: true });
  return greetings;
}

function dial({ host, port, path, tls: secure }: Endpoint, onread: net.OnReadOpts | undefined): net.Socket {
  const reading = onread === undefined ? {} : { onread };
  if (path !== undefined) return net.connect({ path, ...reading });
  if (!secure) return net.connect({ host, port, ...reading });
  return tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }), ...reading });
}

function aborted(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(`aborted: ${signal.reason}`);
}

/** What is no Redis may repeat its input: `unknown command 'AUTH', with args beginning with: …`. */
function withoutPassword(error: ReplyError, password: string | undefined): ReplyError {
  if (!password || !error.message.includes(password)) return error;
  return new ReplyError(error.message.replaceAll(password, '***'));
}
