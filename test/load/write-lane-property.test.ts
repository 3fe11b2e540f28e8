/** The lane against a server that answers whatever it is told, split anywhere, and goes away at any moment. */
import { once } from 'node:events';
import type net from 'node:net';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WriteLane } from '../../src/load/write-lane.ts';
import { type Reply, ReplyError } from '../../src/redis/resp.ts';
import { answering, startScripted } from '../redis/scripted-server.ts';

const greet = answering({});
let connection: net.Socket | undefined;
let received = Buffer.alloc(0);
let onReceived = (): void => {};

const server = await startScripted((socket) => {
  connection = socket;
  received = Buffer.alloc(0);
  greet(socket);
});
test.after(() => server.stop());

/** Connects; from then on the server is silent. */
async function connect(lane?: WriteLane, onCut: () => void = () => {}): Promise<WriteLane> {
  let opened = lane;
  if (opened) await opened.reopen();
  else opened = await WriteLane.open(server.endpoint, onCut);
  connection!.removeAllListeners('data');
  received = Buffer.alloc(0);
  connection!.on('data', (text: string | Buffer) => {
    received = Buffer.concat([received, Buffer.from(text as string)]);
    onReceived();
  });
  return opened;
}

async function untilReceived(bytes: number): Promise<void> {
  while (received.length < bytes) await new Promise<void>((resolve) => (onReceived = resolve));
}

function encode(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `+${reply}\r\n`;
  if (reply instanceof ReplyError) return `-${reply.message}\r\n`;
  if (Buffer.isBuffer(reply)) return `$${reply.length}\r\n${reply.toString('latin1')}\r\n`;
  return `*${reply.length}\r\n${reply.map(encode).join('')}`;
}

const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 2 },
    fc.constant('OK'),
    fc.constantFrom('O', 'OKAY', 'QUEUED', ''),
    fc.integer({ min: -12, max: 12 }),
    fc.integer(),
    fc.constant(null),
    fc.constantFrom('', '\r\n', ':1\r\n', 'text').map((text) => Buffer.from(text)),
    fc.constantFrom('OOM no memory', 'READONLY', 'MOVED 1 host:1').map((text) => new ReplyError(text)),
    fc.array(tie('reply'), { maxLength: 3 }),
  ),
}));

/** Written in place, or as a text with a callback; `resends`: from its reply another is sent. */
const command = fc.record({ numbered: fc.boolean(), resends: fc.boolean(), reply });

test('each command is answered once, in order, with its reply, or with none when the connection was lost', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 1, maxLength: 30 }),
      fc.array(fc.nat(1000)),
      fc.option(fc.nat(1000), { nil: undefined }),
      async (commands, splits, cutAt) => {
        const told: [string, Reply | undefined][] = [];
        let lost = (): void => {};
        const cut = new Promise<void>((resolve) => (lost = resolve));
        const lane = await connect(undefined, lost);
        const names: string[] = [];
        const send = (name: string, numbered: boolean, then: () => void): void => {
          if (!numbered) {
            lane.send(['ECHO', name], (got) => {
              told.push([name, got]);
              then();
            });
            return;
          }
          const { buffer, at } = lane.reserve(100);
          const place = names.push(name) - 1;
          lane.commit(at + buffer.write(`*2\r\n$4\r\nECHO\r\n$${name.length}\r\n${name}\r\n`, at), place, -place);
        };
        lane.listen(
          (code, value, got) => {
            assert.is(value, -code);
            told.push([names[code]!, got]);
            resent.get(names[code]!)?.();
          },
          () => {},
        );
        const resent = new Map<string, () => void>();
        let bytes = 0;
        for (const [i, { numbered, resends }] of commands.entries()) {
          const again = (): void => {
            if (resends) send(`again ${i}`, !numbered, () => {});
          };
          resent.set(`first ${i}`, again);
          send(`first ${i}`, numbered, again);
          bytes += Buffer.byteLength(`*2\r\n$4\r\nECHO\r\n$${`first ${i}`.length}\r\nfirst ${i}\r\n`);
        }
        lane.flush();
        await untilReceived(bytes);

        const encoded = commands.map(({ reply }) => encode(reply));
        const stream = Buffer.from(encoded.join(''), 'latin1');
        const end = cutAt === undefined ? stream.length : cutAt % (stream.length + 1);
        const places = [...new Set(splits.map((split) => split % (end + 1)))].sort((a, b) => a - b);
        for (const [i, from] of [0, ...places].entries()) {
          const chunk = stream.subarray(from, places[i] ?? end);
          if (chunk.length > 0) await new Promise<void>((resolve) => connection!.write(chunk, () => resolve()));
        }
        connection!.end();
        await cut;

        let whole = 0;
        let at = 0;
        while (whole < encoded.length && at + encoded[whole]!.length <= end) at += encoded[whole++]!.length;
        const firsts = commands.map(({ reply }, i) => [`first ${i}`, i < whole ? reply : undefined]);
        const again = commands.flatMap(({ resends }, i) => (resends ? [[`again ${i}`, undefined]] : []));
        assert.equal(told, [...firsts, ...again]);
        assert.is(lane.inFlight, 0);
        assert.is(lane.sent, told.length);
        lane.close();
      },
    ),
    { numRuns: 150 },
  );
});

test('made anew after a cut, it begins with whole commands, however much of the last piece had been written', async () => {
  let lost = (): void => {};
  const cut = new Promise<void>((resolve) => (lost = resolve));
  const lane = await connect(undefined, lost);
  const replies: (Reply | undefined)[] = [];
  const note = (got: Reply | undefined): void => void replies.push(got);
  lane.send(['ECHO', 'left'], note);
  lane.flush();
  lane.send(['ECHO', 'x'.repeat(1000)], note);
  connection!.destroy();
  await cut;
  lane.send(['ECHO', 'while it is cut'], note);
  assert.equal(replies, [undefined, undefined, undefined]);
  await connect(lane);
  lane.send(['ECHO', 'new'], note);
  lane.flush();
  const expected = '*2\r\n$4\r\nECHO\r\n$3\r\nnew\r\n';
  await untilReceived(expected.length);
  assert.is(String(received), expected);
  connection!.write('+new\r\n');
  await lane.drained(1);
  assert.is(replies[3], 'new');
  const closed = once(connection!, 'close');
  lane.close();
  await closed;
});

test.run();
