import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeadlineCounts } from '../../src/ledger/deadline-counts.ts';

const LENGTH_MS = 1_000;
const deadline = fc.integer({ min: 1, max: 2 * LENGTH_MS });

test('a bucket is 1 ms wide while those of all cohorts fit, and as wide as it has to be from there on', () => {
  assert.is(DeadlineCounts.create(1, LENGTH_MS, 1_000).bucketMs, 1);
  assert.is(DeadlineCounts.create(2, LENGTH_MS, 1_000).bucketMs, 2);
  assert.is(DeadlineCounts.create(1, 36_000_000).bucketMs, 9, 'ten hours of one cohort');
});

test('wide buckets count a session as stale late by less than their width, and never early', () => {
  fc.assert(
    fc.property(fc.array(deadline, { maxLength: 50 }), fc.integer({ min: 0, max: LENGTH_MS }), (deadlines, nowMs) => {
      const counts = DeadlineCounts.create(1, LENGTH_MS, 100);
      assert.is(counts.bucketMs, 10);
      for (const deadlineMs of deadlines) counts.add(0, deadlineMs);
      counts.advance(nowMs);
      const staleAt = (atMs: number): number => deadlines.filter((deadlineMs) => deadlineMs < atMs).length;
      const { present, stale, oldestMs } = counts.of(0);
      assert.is(present, deadlines.length);
      assert.ok(stale <= staleAt(nowMs) && stale >= staleAt(nowMs - counts.bucketMs + 1), `${stale}`);
      if (oldestMs !== null) assert.is(oldestMs, 10 * Math.floor(Math.min(...deadlines) / 10));
    }),
  );
});

test('another thread’s view of the same memory tells the same', () => {
  const counts = DeadlineCounts.create(2, LENGTH_MS);
  counts.add(1, 10);
  counts.add(1, 500);
  counts.advance(100);
  const view = new DeadlineCounts(counts.buffers);
  assert.equal([view.of(0), view.of(1), view.nowMs], [counts.of(0), { present: 2, stale: 1, oldestMs: 10 }, 100]);
  counts.remove(1, 10);
  assert.equal(view.of(1), { present: 1, stale: 0, oldestMs: null });
});

test.run();
