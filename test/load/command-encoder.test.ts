import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommandEncoder } from '../../src/load/command-encoder.ts';
import { Payloads } from '../../src/load/payloads.ts';
import { encodeCommand } from '../../src/redis/resp.ts';
import { STORE_NAMES, usualStore } from '../../src/scenario/store.ts';
import { storeProfile } from '../../src/stores/index.ts';
import type { Arg, NumberSource, StoreProfile } from '../../src/stores/profile.ts';
import { render } from '../../src/stores/render.ts';

const SOURCES = ['index', 'user', 'deadline', 'formerDeadline', 'ttl', 'now'] as const satisfies NumberSource[];
const GUARD = 0xa5;

/** Numbers of any count of digits, round ones and their neighbours among them, and where the width of an integer ends. */
const edges = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
for (let digits = 1; digits <= 15; digits++) edges.push(10 ** digits - 1, 10 ** digits, 10 ** digits + 1);
const number = fc.oneof(
  fc.constantFrom(...edges),
  fc.nat(20),
  fc.nat(),
  fc.integer({ min: 1_000_000_000_000, max: 5_000_000_000_000 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
);
const numbers = fc.record(
  Object.fromEntries(SOURCES.map((source) => [source, number])) as Record<NumberSource, typeof number>,
);

const text = fc.oneof(fc.constant(''), fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 10 }));
const maps: ((value: number) => number)[] = [
  (value) => Math.ceil(value / 1000),
  (value) => value - (value % 60_000),
  (value) => Math.min(value, 1) * 99,
];
const map = fc.option(fc.constantFrom(...maps), { nil: undefined });
const arg: fc.Arbitrary<Arg> = fc.oneof(
  text,
  fc
    .record({ key: fc.boolean(), text, number: fc.constantFrom(...SOURCES), map })
    .map(({ map: by, ...rest }) => ({ ...rest, ...(by && { map: by }) })),
  fc.record({ payload: fc.constant(true as const), before: text, behind: text }),
  fc.record({ key: fc.constant(true as const), text }),
);
const payload = fc.oneof(
  fc.constant(''),
  fc.string({ maxLength: 200 }),
  fc.nat(3000).map((bytes) => 'p'.repeat(bytes)),
);

/** What is written, with nothing written beyond it, in a buffer that has just the room that was asked for. */
function written(
  args: readonly Arg[],
  prefix: string,
  of: Record<NumberSource, number>,
  content: Buffer,
  from: number,
): string {
  const encoder = new CommandEncoder(args, prefix);
  const session = { ...of, payloadBytes: content.length };
  const buffer = Buffer.alloc(from + encoder.mostBytes(session) + 5, GUARD);
  const room = buffer.subarray(0, buffer.length - 5);
  const end = encoder.write(room, from, session, (target, at) => void content.copy(target, at));
  assert.ok(end <= room.length, `${end} of ${room.length} bytes`);
  assert.ok(buffer.subarray(0, from).every((byte) => byte === GUARD));
  assert.ok(
    buffer.subarray(end).every((byte) => byte === GUARD),
    'nothing behind the command is touched',
  );
  return buffer.toString('utf8', from, end);
}

test('what is written is byte for byte the command that is rendered', () => {
  fc.assert(
    fc.property(
      fc.array(arg, { maxLength: 8 }),
      text,
      numbers,
      payload,
      fc.nat(50),
      (args, prefix, of, content, from) => {
        const expected = encodeCommand(render(args, of, content, prefix));
        assert.is(written(args, prefix, of, Buffer.from(content), from), expected);
      },
    ),
    { numRuns: 3000 },
  );
});

test('numbers of every count of digits', () => {
  for (const value of edges) {
    const of = Object.fromEntries(SOURCES.map((source) => [source, value])) as Record<NumberSource, number>;
    const args: Arg[] = [
      'SET',
      { key: true, text: 's', number: 'index' },
      { key: false, text: '', number: 'deadline' },
    ];
    assert.is(written(args, 'p:', of, Buffer.alloc(0), 0), encodeCommand(render(args, of, '', 'p:')));
  }
});

test('one encoder for sessions of every size and number, one after the other', () => {
  const args: Arg[] = ['SETEX', { key: true, text: 's', number: 'index' }, { payload: true, before: '<', behind: '>' }];
  const encoder = new CommandEncoder(args, 'p:');
  const buffer = Buffer.alloc(1_000_000);
  const payloads = new Payloads(1, 0, 'json');
  for (const [index, payloadBytes] of [
    [0, 0],
    [10 ** 15, 9],
    [9, 10],
    [10, 99_999],
    [2 ** 31, 300_000],
    [1, 1],
  ] as const) {
    const session = { index, user: 0, deadline: 0, formerDeadline: 0, ttl: 0, now: 0, payloadBytes };
    const end = encoder.write(buffer, 0, session, (target, at) => payloads.write(index, payloadBytes, target, at));
    const content = Buffer.alloc(payloadBytes);
    payloads.write(index, payloadBytes, content, 0);
    assert.is(
      buffer.toString('latin1', 0, end),
      encodeCommand(render(args, session, content.toString('latin1'), 'p:')),
    );
  }
});

test('every command of every store', () => {
  const of = {
    index: 17,
    user: 3,
    deadline: 1_700_000_060_500,
    formerDeadline: 1_700_000_000_500,
    ttl: 60_001,
    now: 1_700_000_000_499,
  };
  for (const name of STORE_NAMES) {
    const { create, read, refreshes, destroy, ask }: StoreProfile = storeProfile(usualStore(name));
    const all: { args: readonly Arg[] }[] = [
      ...create,
      ...read,
      ...destroy,
      ...Object.values(refreshes).flat(),
      ...(ask ? [ask] : []),
    ];
    for (const { args } of all) {
      assert.is(
        written(args, 'ttlscope:x:', of, Buffer.from('data'), 3),
        encodeCommand(render(args, of, 'data', 'ttlscope:x:')),
      );
    }
  }
});

test.run();
