import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { Endpoint } from '../../src/redis/endpoint.ts';

export interface ScriptedServer {
  endpoint: Endpoint;
  stop(): void;
}

/** A server for a test that does with each connection what it is told; with a certificate, by TLS. */
export async function startScripted(
  onConnection: (socket: net.Socket) => void,
  certificate?: { key: string; cert: string },
): Promise<ScriptedServer> {
  const sockets = new Set<net.Socket>();
  const accept = (socket: net.Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  };
  const server = certificate ? tls.createServer(certificate, accept) : net.createServer(accept);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  return {
    endpoint: { host: '127.0.0.1', port, tls: certificate !== undefined, db: 0 },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Raw replies by the names of commands. */
export type Answers = Readonly<Record<string, string>>;

const PLAIN: Answers = { PING: '+PONG\r\n', MULTI: '+OK\r\n', EXEC: '-ERR EXEC without MULTI\r\n', CLIENT: '+OK\r\n' };

/** Answers as a Redis would that queues whatever comes after MULTI; `queued` are the answers of what comes after it. */
export function answering(answers: Answers, queued: Answers = {}): (socket: net.Socket) => void {
  return (socket) => {
    let queueing = false;
    let pending = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      pending += chunk;
      for (let end = commandEnd(pending); end > 0; end = commandEnd(pending)) {
        const name = /^\*\d+\r\n\$\d+\r\n([^\r]*)/.exec(pending)![1]!.toUpperCase();
        pending = pending.slice(end);
        socket.write(queueing ? (queued[name] ?? '+QUEUED\r\n') : (answers[name] ?? PLAIN[name] ?? '-ERR what?\r\n'));
        if (name === 'MULTI') queueing = true;
      }
    });
  };
}

/** Where the first command in `text` ends; 0 when not all of it has come. */
function commandEnd(text: string): number {
  const count = Number(/^\*(\d+)\r\n/.exec(text)?.[1] ?? 0);
  const command = new RegExp(`^\\*\\d+\\r\\n(?:\\$\\d+\\r\\n[^\\r]*\\r\\n){${count}}`).exec(text);
  return count === 0 ? 0 : (command?.[0].length ?? 0);
}

export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}
