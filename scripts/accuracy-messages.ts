/** Bytes of one connection that became known at one time. `atMs`: Unix ms. */
export interface StampedBytes {
  atMs: number;
  bytes: Buffer;
}

/**
 * When each key's `expired` message was complete, from a RESP2 stream. A parser apart from the observer's, so that a
 * fault of one is not in both.
 *
 * @throws on a key that is told of twice
 */
export function expiredTimes(pieces: readonly StampedBytes[]): Map<string, number> {
  const stream = Buffer.concat(pieces.map(({ bytes }) => bytes));
  const times = new Map<string, number>();
  let piece = 0;
  let pieceEnd = pieces[0]?.bytes.length ?? 0;
  let at = 0;

  const line = (): string => {
    const end = stream.indexOf('\r\n', at);
    const text = stream.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  const value = (): string | string[] => {
    const head = line();
    const size = Number(head.slice(1));
    switch (head[0]) {
      case '*':
        return Array.from({ length: size }, () => value() as string);
      case '$':
        at += size + 2;
        return stream.toString('latin1', at - size - 2, at - 2);
      default:
        return head;
    }
  };

  while (at < stream.length) {
    const message = value();
    while (pieceEnd < at) pieceEnd += pieces[++piece]!.bytes.length;
    if (typeof message === 'string' || !message.at(-2)?.endsWith(':expired')) continue;
    if (message[0] !== 'message' && message[0] !== 'pmessage') continue;
    const key = message.at(-1)!;
    if (times.has(key)) throw new Error(`${key} was told to expire twice`);
    times.set(key, pieces[piece]!.atMs);
  }
  return times;
}
