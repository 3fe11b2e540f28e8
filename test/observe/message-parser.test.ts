import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT, SPACE } from '../../src/observe/event-batch.ts';
import { MessageParser } from '../../src/observe/message-parser.ts';

const PREFIX = 'ttlscope:7f3a:';
const FENCE = `${PREFIX}fence`;
const CHANNELS = new Map<string, number>([
  ['__keyevent@0__:expired', EVENT.expired],
  ['__keyevent@0__:evicted', EVENT.evicted],
  ['__keyevent@0__:new', EVENT.new],
  [FENCE, EVENT.fence],
]);
const U32_MAX = 2 ** 32 - 1;

type Told = [event: number, space: number, value: number] | ['subscribed' | 'error', string];

/** A reply's bytes, and what the parser is to tell of it. */
interface Sample {
  bytes: Buffer;
  told: Told[];
}

const bulk = (text: string | Uint8Array): Buffer => {
  const body = Buffer.from(text as string);
  return Buffer.concat([Buffer.from(`$${body.length}\r\n`), body, Buffer.from('\r\n')]);
};
const message = (channel: string, payload: string | Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('*3\r\n'), bulk('message'), bulk(channel), bulk(payload)]);

function parse(chunks: Iterable<Buffer>): Told[] {
  const told: Told[] = [];
  const parser = new MessageParser(CHANNELS, PREFIX, {
    message: (code, value) => told.push([code >> 4, code & 15, value]),
    subscribed: (channel) => told.push(['subscribed', channel]),
    error: (text) => told.push(['error', text]),
  });
  for (const chunk of chunks) {
    const passing = Buffer.from(chunk);
    parser.push(passing);
    passing.fill(0x24);
  }
  return told;
}

function* split(stream: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  let at = 0;
  for (let i = 0; at < stream.length; i++) {
    const size = sizes.length === 0 ? stream.length : sizes[i % sizes.length]!;
    yield stream.subarray(at, at + size);
    at += size;
  }
}

const u32 = fc.oneof(fc.integer({ min: 0, max: U32_MAX }), fc.nat(200), fc.constantFrom(0, U32_MAX));
const keyEvent = fc.constantFrom(...[...CHANNELS].filter(([channel]) => channel !== FENCE));

const ours: fc.Arbitrary<Sample> = fc
  .tuple(keyEvent, fc.constantFrom(['s', SPACE.session] as const, ['c', SPACE.canary] as const), u32)
  .map(([[channel, event], [letter, space], value]) => ({
    bytes: message(channel, `${PREFIX}${letter}${value}`),
    told: [[event, space, value]],
  }));
const fence: fc.Arbitrary<Sample> = u32.map((value) => ({
  bytes: message(FENCE, String(value)),
  told: [[EVENT.fence, SPACE.fence, value]],
}));

const notANumber = fc.constantFrom(
  '',
  '12x',
  'x12',
  '007',
  '00',
  '4294967296',
  '10000000000000000000',
  '-1',
  '1.5',
  ' 1',
  '1 ',
);
const alien: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '\r\n',
    '\r',
    '*3\r\n$7\r\nmessage\r\n',
    PREFIX,
    PREFIX.slice(0, -1),
    `${PREFIX}fence`,
    `x${PREFIX}s1`,
  ),
  fc.tuple(fc.constantFrom('s', 'c', 'S', 'x'), notANumber).map(([letter, text]) => `${PREFIX}${letter}${text}`),
  u32.map((value) => `${PREFIX.toUpperCase()}s${value}`),
  fc.nat(20_000).map((length) => Buffer.alloc(length, '\r\n$5\r\n')),
);
const foreign: fc.Arbitrary<Sample> = fc
  .tuple(keyEvent, alien)
  .map(([[channel, event], key]) => ({ bytes: message(channel, key), told: [[event, SPACE.foreign, 0]] }));
const foreignFence: fc.Arbitrary<Sample> = fc
  .oneof(
    notANumber,
    fc.nat(5000).map((length) => '9'.repeat(11 + length)),
  )
  .map((text) => ({ bytes: message(FENCE, text), told: [[EVENT.fence, SPACE.foreign, 0]] }));

const confirmation: fc.Arbitrary<Sample> = fc
  .tuple(fc.constantFrom(...CHANNELS.keys(), `__keyevent@12__:${'x'.repeat(300)}`), fc.nat(9))
  .map(([channel, count]) => ({
    bytes: Buffer.concat([Buffer.from('*3\r\n'), bulk('subscribe'), bulk(channel), Buffer.from(`:${count}\r\n`)]),
    told: [['subscribed', channel]],
  }));
const pong: fc.Arbitrary<Sample> = fc
  .oneof(
    fc.constant('+PONG\r\n'),
    fc.constantFrom('', 'still\r\nthere').map((text) => `*2\r\n$4\r\npong\r\n${bulk(text)}`),
  )
  .map((text) => ({ bytes: Buffer.from(text), told: [] }));
const error: fc.Arbitrary<Sample> = fc
  .stringMatching(/^[A-Z]{3,8} [a-z '@]{0,80}$/)
  .map((text) => ({ bytes: Buffer.from(`-${text}\r\n`), told: [['error', text]] }));

const sample = fc.oneof({ weight: 4, arbitrary: ours }, fence, foreign, foreignFence, confirmation, pong, error);
const sizes = fc.oneof(
  fc.constant([1]),
  fc.constant([]),
  fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }),
  fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 12 }),
);

test('any split of any stream gives the same events', () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 25 }), sizes, (samples, chunkSizes) => {
      const stream = Buffer.concat(samples.map(({ bytes }) => bytes));
      const expected = samples.flatMap(({ told }) => told);
      assert.equal(parse(split(stream, chunkSizes)), expected);
    }),
    { numRuns: 500 },
  );
});

test('a message is told when its last byte has come, not before', () => {
  const whole = message('__keyevent@0__:expired', 'x'.repeat(10_000));
  const told: number[] = [];
  const parser = new MessageParser(CHANNELS, PREFIX, {
    message: (code) => told.push(code),
    subscribed: () => {},
    error: () => {},
  });
  parser.push(whole.subarray(0, 5000));
  parser.push(whole.subarray(5000, -1));
  assert.equal(told, []);
  parser.push(whole.subarray(-1));
  assert.equal(told, [(EVENT.expired << 4) | SPACE.foreign]);
});

const IMPOSSIBLE: [what: string, stream: string][] = [
  ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['a message of a channel that was not subscribed to', String(message('news', 'x'))],
  ['a payload longer than it says', String(message(FENCE, '12')).replace('$2', '$1')],
  ['a length that is no number', '*3\r\n$7\r\nmessage\r\n$x\r\n'],
  ['a push of RESP3', '>3\r\n$7\r\nmessage\r\n'],
  ['an unsubscription', '*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n'],
  ['an error without an end', `-ERR ${'x'.repeat(10_000)}`],
];

for (const [what, stream] of IMPOSSIBLE) {
  test(`${what} is refused, at once or byte by byte`, () => {
    for (const chunkSizes of [[], [1]]) {
      assert.throws(() => parse(split(Buffer.from(stream), chunkSizes)), /^a subscription got/);
    }
  });
}

test('what was told before something impossible stays told', () => {
  const told: number[] = [];
  const parser = new MessageParser(CHANNELS, PREFIX, {
    message: (_code, value) => told.push(value),
    subscribed: () => {},
    error: () => {},
  });
  assert.throws(() => parser.push(Buffer.concat([message(FENCE, '7'), Buffer.from('?')])));
  assert.equal(told, [7]);
});

test.run();
