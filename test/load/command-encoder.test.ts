import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CommandEncoder } from '../../src/load/command-encoder.ts';
import { encodeCommand } from '../../src/redis/resp.ts';
import type { Arg, NumberSource, Numbers } from '../../src/stores/profile.ts';
import { render } from '../../src/stores/render.ts';

const PREFIX = 'ttlscope:0badcafe:';
const SOURCES: NumberSource[] = ['index', 'user', 'deadline', 'formerDeadline', 'ttl', 'now'];

const text = fc.oneof(fc.constant(''), fc.string({ maxLength: 30 }), fc.constant('ä€'), fc.constant('x'.repeat(70)));
const number = fc.oneof(
  fc.nat(),
  fc.constantFrom(
    0,
    9,
    10,
    99,
    100,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    1e6 - 1,
    1e6,
    1e12 - 1,
    1e12,
    Number.MAX_SAFE_INTEGER,
  ),
  fc.maxSafeNat(),
);
const numbered = fc
  .record({ key: fc.boolean(), text, number: fc.constantFrom(...SOURCES), seconds: fc.boolean() })
  .map(({ seconds, ...arg }) => (seconds ? { ...arg, map: (value: number) => Math.ceil(value / 1000) } : arg));
const payloadArg = fc.record({ payload: fc.constant(true as const), before: text, behind: text });
const shared = fc.record({ key: fc.constant(true as const), text });
const arg: fc.Arbitrary<Arg> = fc.oneof(text, numbered, payloadArg, shared);
const numbers = fc.record(Object.fromEntries(SOURCES.map((source) => [source, number]))) as fc.Arbitrary<Numbers>;

test('what is written is the RESP of the rendered arguments, wherever in the buffer and whatever the numbers', () => {
  fc.assert(
    fc.property(
      fc.array(arg, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(numbers, fc.nat(300)), { minLength: 1, maxLength: 5 }),
      fc.nat(50),
      (args, sessions, from) => {
        const encoder = new CommandEncoder(args, PREFIX);
        const target = Buffer.alloc(64 * 1024, '?');
        let at = from;
        let expected = '?'.repeat(from);
        for (const [session, payloadBytes] of sessions) {
          const full = { ...session, payloadBytes };
          const end = encoder.write(target, at, full, (into, place) => into.fill('p', place, place + payloadBytes));
          assert.ok(
            end - at <= encoder.mostBytes(full),
            `${end - at} bytes, at most ${encoder.mostBytes(full)} stated`,
          );
          expected += encodeCommand(render(args, session, 'p'.repeat(payloadBytes), PREFIX));
          at = end;
        }
        assert.is(target.toString('utf8', 0, at), expected);
        assert.is(target.toString('utf8', at, at + 20), '?'.repeat(20));
      },
    ),
    { numRuns: 500 },
  );
});

test.run();
