import { createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WriteLane } from '../../src/load/write-lane.ts';
import { type Reply, ReplyError } from '../../src/redis/resp.ts';

/** A server that answers what it is told to, whatever it is sent, in pieces of any size. */
interface Scripted {
  port: number;
  /** The connection of the lane, once its greeting is answered. */
  socket: Promise<Socket>;
  close(): Promise<void>;
}

async function scripted(): Promise<Scripted> {
  let open: (socket: Socket) => void = () => {};
  const socket = new Promise<Socket>((resolve) => {
    open = resolve;
  });
  const server: Server = createServer((connection) => {
    connection.on('error', () => {});
    let greeted = false;
    let greeting = '';
    connection.on('data', (bytes) => {
      if (greeted) return;
      greeting += bytes;
      if (!greeting.includes('PING')) return;
      greeted = true;
      connection.write('+OK\r\n+PONG\r\n', () => open(connection));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    socket,
    close: async () => {
      (await socket).destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A reply: as bytes, and as what is to be heard of it. */
const reply: fc.Arbitrary<[string, unknown]> = fc.oneof(
  fc.constant<[string, unknown]>(['+OK\r\n', 'OK']),
  fc.integer({ min: -3, max: 1e9 }).map((n): [string, unknown] => [`:${n}\r\n`, n]),
  fc.constant<[string, unknown]>(['$-1\r\n', null]),
  fc
    .string({ unit: fc.constantFrom('a', 'b'), maxLength: 300 })
    .map((t): [string, unknown] => [`$${t.length}\r\n${t}\r\n`, t]),
  fc
    .constantFrom('OOM', 'READONLY', 'MOVED', 'NOPERM')
    .map((code): [string, unknown] => [`-${code} no\r\n`, `-${code}`]),
  fc.constant<[string, unknown]>(['*2\r\n:1\r\n$2\r\nok\r\n', '1,ok']),
);

function heard(of: Reply | undefined): unknown {
  if (of === undefined) return 'cut';
  if (of instanceof ReplyError) return `-${of.code}`;
  if (Buffer.isBuffer(of) || Array.isArray(of)) return String(of);
  return of;
}

test('each command hears its own reply once, in order, whatever the splits; and that it was cut, where it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(reply, fc.boolean()), { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(4000), { maxLength: 12 }),
      fc.option(fc.nat(1000), { nil: null }),
      async (commands, splits, cutAt) => {
        const server = await scripted();
        const lane = await WriteLane.open({ host: '127.0.0.1', port: server.port, db: 0, tls: false }, () => {});
        const told: [number, unknown][] = [];
        const done = new Promise<void>((resolve) => {
          const tell = (which: number, of: Reply | undefined): void => {
            told.push([which, heard(of)]);
            if (told.length === commands.length) resolve();
          };
          lane.listen(
            (code, value, of) => tell(code + value, of),
            () => {},
          );
          for (const [which, [, isNumbered]] of commands.entries()) {
            if (isNumbered) {
              const { buffer, at } = lane.reserve(20);
              lane.commit(at + buffer.write('*1\r\n$4\r\nPING\r\n', at), which, 0);
            } else {
              lane.send(['PING'], (of) => tell(which, of));
            }
          }
        });
        lane.flush();
        const socket = await server.socket;
        const bytes = commands.map(([[text]]) => text).join('');
        const sent = cutAt === null ? bytes : bytes.slice(0, cutAt);
        const places = [...new Set(splits.map((place) => place % (sent.length + 1)))].sort((a, b) => a - b);
        for (const [i, from] of [0, ...places].entries()) {
          const piece = sent.slice(from, places[i] ?? sent.length);
          if (piece !== '') await new Promise<void>((resolve) => socket.write(piece, () => setImmediate(resolve)));
        }
        if (cutAt !== null) socket.end();
        await done;
        let at = 0;
        const expected = commands.map(([[text, of]], which): [number, unknown] => {
          at += text.length;
          return [which, at <= sent.length ? of : 'cut'];
        });
        assert.equal(told, expected);
        lane.close();
        await server.close();
      },
    ),
    { numRuns: 60 },
  );
});

test.run();
