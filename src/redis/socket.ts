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
}

/**
 * A bare RESP2 socket: connected, authenticated, named, its database selected, without delay and with keep-alive.
 * Nothing is unread on it and no listener is left on it.
 *
 * @throws the socket's error, or the server's as a `ReplyError`
 */
export function openSocket(endpoint: Endpoint, options: SocketOptions = {}): Promise<net.Socket> {
  const { username, password, db } = endpoint;
  const greetings: string[][] = [];
  if (password !== undefined) greetings.push(username === undefined ? ['AUTH', password] : ['AUTH', username, password]);
  if (options.clientName !== undefined) greetings.push(['CLIENT', 'SETNAME', options.clientName]);
  if (db !== 0) greetings.push(['SELECT', String(db)]);
  greetings.push(['PING']);
  return new Promise((resolve, reject) => {
    const socket = dial(endpoint);
    const timeoutMs = options.connectTimeoutMs ?? 5000;
    const timer = setTimeout(() => fail(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error').removeAllListeners('close').removeAllListeners('data');
      socket.removeAllListeners('connect').removeAllListeners('secureConnect');
    };
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => fail(new Error('aborted'));
    let answered = 0;
    const onReply = (reply: Reply): void => {
      if (reply instanceof ReplyError) {
        fail(reply);
        return;
      }
      if (++answered < greetings.length) return;
      settle();
      socket.pause();
      resolve(socket);
    };
    const parser = new ReplyParser(onReply);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server closed the connection')));
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (error) {
        fail(error as Error);
      }
    });
    socket.once(endpoint.tls ? 'secureConnect' : 'connect', () => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 10_000);
      socket.write(greetings.map(encodeCommand).join(''));
    });
  });
}

function dial({ host, port, path, tls: secure }: Endpoint): net.Socket {
  if (path !== undefined) return net.connect({ path });
  if (!secure) return net.connect({ host, port });
  return tls.connect({ host, port, ...(net.isIP(host) === 0 && { servername: host }) });
}
