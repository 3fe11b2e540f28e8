import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LagHistogram } from '../../src/ledger/lag-histogram.ts';
import { mergeTallies, Tally } from '../../src/ledger/tally.ts';

type End = readonly [kind: number, ms: number];

function record(tally: Tally, [kind, ms]: End): void {
  tally.attempted++;
  if (kind === 0) tally.expired(ms, 'cycle');
  else if (kind === 1) tally.expired(ms, 'command');
  else if (kind === 2) tally.evictedStale(ms);
  else if (kind === 3) tally.stale(ms);
  else if (kind === 4) tally.unknown(ms > 500 ? null : ms);
  else if (kind === 5) tally.lost(ms > 500);
  else tally.count('logged_out');
}

const ends = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.double({ min: 0, max: 1e6, noNaN: true })), {
  maxLength: 80,
});

test('the segments of a plan, merged, give exactly the figures of the whole', () => {
  fc.assert(
    fc.property(ends, fc.integer({ min: 1, max: 4 }), (list, of) => {
      const whole = new Tally();
      const parts = Array.from({ length: of }, () => new Tally());
      for (const [i, end] of list.entries()) {
        record(whole, end);
        record(parts[i % of]!, end);
      }
      assert.equal(mergeTallies(parts.map((part) => part.toResult())), whole.toResult());
    }),
    { numRuns: 60 },
  );
});

test('the law: attempted is the sum of the outcomes', () => {
  const tally = new Tally();
  record(tally, [0, 5]);
  assert.ok(tally.lawHolds());
  tally.attempted++;
  assert.not(tally.lawHolds());
});

test('who never fell due is not in the denominator; who was never notified is', () => {
  const tally = new Tally();
  for (let i = 0; i < 4; i++) tally.expired(100, 'cycle');
  for (let i = 0; i < 6; i++) tally.stale(5000);
  tally.count('alive');
  tally.count('evicted_early');
  tally.unknown(null);
  tally.lost(false);
  const { expiryLagSeconds } = tally.toResult();
  assert.is(expiryLagSeconds.p50, null);
  assert.is(expiryLagSeconds.max, null);
  assert.is(expiryLagSeconds.beyond, 5);
  assert.is(expiryLagSeconds.delivered, 4);
  assert.is(expiryLagSeconds.censored, 6);
  assert.ok(Math.abs(expiryLagSeconds.restrictedMean! - (0.4 * 0.1 + 0.6 * 5)) < 0.001);
});

test('the cycle alone: what a command provoked is censored there, and counts in the headline', () => {
  const tally = new Tally();
  tally.expired(100, 'command');
  tally.expired(200, 'cycle');
  const { expiryLagSeconds, expiryLagCycleOnlySeconds } = tally.toResult();
  assert.is(expiryLagSeconds.delivered, 2);
  assert.is(expiryLagCycleOnlySeconds.delivered, 1);
  assert.is(expiryLagCycleOnlySeconds.p50, 0.2);
});

test('nothing fell due: there are no figures, and nothing is beyond anything', () => {
  const { expiryLagSeconds } = new Tally().toResult();
  assert.is(expiryLagSeconds.p50, null);
  assert.is(expiryLagSeconds.beyond, null);
  assert.is(expiryLagSeconds.restrictedMean, null);
});

test('a histogram carries µs to 45 days, to three digits, its extremes exactly, below zero too', () => {
  const histogram = new LagHistogram();
  const longestUs = 45 * 86_400 * 1e6;
  for (const us of [-30, 1234, 3_000_000_000, longestUs]) histogram.record(us);
  assert.equal([histogram.minUs, histogram.maxUs, histogram.count], [-30, longestUs, 4]);
  const decoded = LagHistogram.decode(histogram.encode(), { minUs: -30, maxUs: longestUs });
  assert.equal(decoded.buckets(), histogram.buckets());
  for (const [i, us] of [0, 1234, 3_000_000_000, longestUs].entries()) {
    const { valueUs } = decoded.buckets()[i]!;
    assert.ok(valueUs >= us && valueUs <= us * 1.001, `${us} → ${valueUs}`);
  }
});

test.run();
