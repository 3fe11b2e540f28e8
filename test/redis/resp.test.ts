import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeCommand, type Reply, ReplyError, ReplyParser } from '../../src/redis/resp.ts';

function encode(reply: Reply): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n');
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`);
  if (typeof reply === 'string') return Buffer.from(`+${reply}\r\n`, 'latin1');
  if (reply instanceof ReplyError) return Buffer.from(`-${reply.message}\r\n`);
  if (Buffer.isBuffer(reply)) return Buffer.concat([Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from('\r\n')]);
  return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(encode)]);
}

function split(stream: Buffer, cuts: number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => stream.subarray(from, places[i] ?? stream.length));
}

function parse(chunks: Buffer[]): Reply[] {
  const replies: Reply[] = [];
  const parser = new ReplyParser((reply) => replies.push(reply));
  for (const chunk of chunks) parser.push(chunk);
  return replies;
}

const line = fc.stringMatching(/^[A-Z]{2,8}( [a-z' ]{0,20})?$/);
const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3 },
    fc.constant('OK'),
    line,
    fc.integer(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from('\r\n$3\r\n')),
    line.map((message) => new ReplyError(message)),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
}));

test('any split of a stream gives the same replies', () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 20 }), fc.array(fc.nat()), (replies, cuts) => {
      assert.equal(parse(split(Buffer.concat(replies.map(encode)), cuts)), replies);
    }),
  );
});

test('a stream byte by byte gives the same replies', () => {
  const replies: Reply[] = ['OK', [1, null, Buffer.from('a\r\nb')], new ReplyError('OOM command not allowed'), -7, []];
  const stream = Buffer.concat(replies.map(encode));
  assert.equal(parse(split(stream, [...stream.keys()])), replies);
});

test('a long bulk string in many chunks is not copied for each of them', () => {
  const bulk = Buffer.alloc(64 * 1024 * 1024, 'x');
  const stream = encode(bulk);
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += 4096) chunks.push(stream.subarray(at, at + 4096));
  const [got] = parse(chunks);
  assert.ok(Buffer.isBuffer(got) && got.equals(bulk));
});

test('an error reply has its first word as code', () => {
  const [error] = parse([Buffer.from("-NOPERM this user has no permissions to run the 'ping' command\r\n")]);
  assert.instance(error, ReplyError);
  assert.is((error as ReplyError).code, 'NOPERM');
});

for (const garbage of ['HTTP/1.1 400 Bad Request\r\n', '$x\r\n', ':\r\n', '*1e3\r\n']) {
  test(`${JSON.stringify(garbage)} is refused`, () => {
    assert.throws(() => parse([Buffer.from(garbage)]), /not RESP2/);
  });
}

test('a command carries lengths in bytes', () => {
  assert.is(encodeCommand(['SET', 'ключ', '']), '*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$0\r\n\r\n');
});

test.run();
