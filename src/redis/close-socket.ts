import type { Socket } from 'node:net';

const LIMIT_MS = 1_000;

/** Closes a socket and waits until the server has closed its end, after which it counts the client no more. */
export function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => socket.destroy(), LIMIT_MS);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(limit);
      resolve();
    });
    socket.resume();
    socket.end();
  });
}
