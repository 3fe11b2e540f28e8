import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RequestQueue } from '../../src/load/request-queue.ts';

test('hands out what was pushed in the order of time, whatever the interleaving of pushes and pops', () => {
  const operation = fc.option(fc.float({ min: 0, max: 1e6, noNaN: true }), { nil: null });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 3000 }), (operations) => {
      const queue = new RequestQueue();
      const expected: { atMs: number; row: number }[] = [];
      let row = 0;
      for (const atMs of operations) {
        if (atMs !== null) {
          queue.push(atMs, row);
          expected.push({ atMs, row: row++ });
          continue;
        }
        expected.sort((a, b) => a.atMs - b.atMs);
        assert.is(queue.nextAtMs, expected[0]?.atMs ?? Number.POSITIVE_INFINITY);
        if (expected.length === 0) continue;
        const popped = queue.pop();
        const at = expected.findIndex((entry) => entry.row === popped);
        assert.is(expected[at]!.atMs, expected[0]!.atMs);
        expected.splice(at, 1);
      }
      assert.is(queue.size, expected.length);
    }),
    { numRuns: 50 },
  );
});

test('an empty queue has nothing to take', () => {
  assert.throws(() => new RequestQueue().pop(), /empty/);
});

test.run();
