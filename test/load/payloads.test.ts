import { deflateSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Payloads } from '../../src/load/payloads.ts';
import { LARGEST_PAYLOAD_BYTES } from '../../src/scenario/limits.ts';

const CONTENTS = ['json', 'random'] as const;
const GUARD = 0xa5;

/** What a session's payload is; the bytes around it stay as they are. */
function payloadOf(payloads: Payloads, index: number, bytes: number): Buffer {
  const target = Buffer.alloc(bytes + 20, GUARD);
  payloads.write(index, bytes, target, 10);
  for (let i = 0; i < 10; i++) assert.is(target[i], GUARD);
  for (let i = bytes + 10; i < target.length; i++) assert.is(target[i], GUARD);
  return target.subarray(10, 10 + bytes);
}

test('the same of seed, cohort, index and size give the same bytes; another seed, cohort or index others', () => {
  for (const content of CONTENTS) {
    const first = payloadOf(new Payloads(7, 2, content), 1234, 500);
    assert.ok(first.equals(payloadOf(new Payloads(7, 2, content), 1234, 500)));
    for (const [seed, cohort, index] of [
      [8, 2, 1234],
      [7, 3, 1234],
      [7, 2, 1235],
    ] as const) {
      assert.not(first.equals(payloadOf(new Payloads(seed, cohort, content), index, 500)));
    }
  }
});

test('JSON is JSON of exactly the size, an object where one fits', () => {
  const payloads = new Payloads(1, 0, 'json');
  for (let bytes = 1; bytes < 400; bytes++) {
    for (const index of [0, 1, 77]) {
      const value: unknown = JSON.parse(payloadOf(payloads, index, bytes).toString());
      assert.is(typeof value, bytes < 11 ? 'number' : 'object');
    }
  }
  assert.is(payloadOf(payloads, 0, 0).length, 0);
});

test('JSON compresses well, random bytes do not', () => {
  for (const bytes of [1_000, 20_000, 300_000]) {
    for (let index = 0; index < 20; index++) {
      const ratio = (content: 'json' | 'random'): number =>
        bytes / deflateSync(payloadOf(new Payloads(3, 1, content), index, bytes)).length;
      assert.ok(ratio('json') > 2, `json of ${bytes}: ${ratio('json')}`);
      assert.ok(ratio('random') < 1.05, `random of ${bytes}: ${ratio('random')}`);
    }
  }
});

test('200 bytes of JSON are half as many compressed, on average', () => {
  const payloads = new Payloads(3, 1, 'json');
  let compressed = 0;
  for (let index = 0; index < 200; index++) compressed += deflateSync(payloadOf(payloads, index, 200)).length;
  assert.ok(compressed < 200 * 100, `${compressed / 200} bytes`);
});

test('the largest payload is filled to its end', () => {
  const json = payloadOf(new Payloads(1, 0, 'json'), 5, LARGEST_PAYLOAD_BYTES);
  assert.is(Object.keys(JSON.parse(json.toString()) as object).length, 1);
  const random = payloadOf(new Payloads(1, 0, 'random'), 5, LARGEST_PAYLOAD_BYTES);
  const last = random.subarray(-65_536);
  assert.ok(deflateSync(last).length > 65_000);
});

test.run();
