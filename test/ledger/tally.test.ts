import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeTallies, Tally } from '../../src/ledger/tally.ts';

type End = readonly [kind: number, ms: number];

function record(tally: Tally, [kind, ms]: End): void {
  tally.counts.attempted++;
  if (kind === 0) tally.expired(ms, 'cycle');
  else if (kind === 1) tally.expired(ms, 'command');
  else if (kind === 2) tally.evictedStale(Math.abs(ms));
  else if (kind === 3) tally.stale(Math.abs(ms));
  else if (kind === 4) tally.unknown(ms > 500 ? null : Math.abs(ms));
  else if (kind === 5) tally.lost(ms > 500);
  else if (kind === 6)
    tally.evictedEarly({ remainingMs: ms > 500 ? null : ms, ageMs: ms + 2, idleMs: ms > 1000 ? null : 1 });
  else tally.count('logged_out');
}

const ends = fc.array(fc.tuple(fc.integer({ min: 0, max: 7 }), fc.double({ min: -1, max: 4e9, noNaN: true })), {
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

test('an eviction has the TTL that was left, where there was one, and the time since its last request, where that is known', () => {
  const tally = new Tally();
  tally.evictedEarly({ remainingMs: 900, ageMs: 100, idleMs: 50 });
  tally.evictedEarly({ remainingMs: null, ageMs: 300, idleMs: null });
  tally.evictedStale(20);
  const { outcomes, evictions } = tally.toResult();
  assert.is(outcomes.evicted_early, 2);
  assert.equal(evictions.remainingTtlSeconds, { count: 1, p50: 0.9, p90: 0.9, p99: 0.9, max: 0.9 });
  assert.is(evictions.ageSeconds.count, 2);
  assert.is(evictions.ageSeconds.max, 0.3);
  assert.equal(evictions.idleSeconds, { count: 1, p50: 0.05, p90: 0.05, p99: 0.05, max: 0.05 });
  assert.is(evictions.overdueSeconds.max, 0.02);
});

test('the law: attempted is the sum of the outcomes', () => {
  const tally = new Tally();
  record(tally, [0, 5]);
  assert.ok(tally.lawHolds());
  tally.counts.attempted++;
  assert.not(tally.lawHolds());
});

test('who never fell due is not in the denominator; who was never notified is', () => {
  const tally = new Tally();
  for (let i = 0; i < 4; i++) tally.expired(100, 'cycle');
  for (let i = 0; i < 6; i++) tally.stale(5000);
  tally.count('alive');
  tally.evictedEarly({ remainingMs: 900, ageMs: 100, idleMs: 50 });
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

test('a lost session that was due was never notified; when all are, nothing was followed and there is no mean', () => {
  const tally = new Tally();
  tally.lost(true);
  tally.lost(true);
  const { expiryLagSeconds, neverNotified } = tally.toResult();
  assert.is(neverNotified, 2);
  assert.is(expiryLagSeconds.p50, null);
  assert.is(expiryLagSeconds.beyond, 0);
  assert.is(expiryLagSeconds.restrictedMean, null, 'a mean of 0 s would pass for a good one');
});

test('an eviction of the stale and a session of unknown end count each in its own way', () => {
  // 4 due: at 100 ms one is heard, at 200 ms one evicted (never to be heard), at 300 ms one lost from sight, at 400 ms heard.
  const tally = new Tally();
  tally.expired(100, 'cycle');
  tally.evictedStale(200);
  tally.unknown(300);
  tally.expired(400, 'cycle');
  const { expiryLagSeconds: lag, neverNotified } = tally.toResult();
  assert.is(neverNotified, 1);
  assert.equal([lag.delivered, lag.censored], [2, 1]);
  // By hand: 1/4 from 100 ms; half survives 200 ms; at 400 ms one of one at risk: 1/4 + 1/2.
  const shares = tally.incidence().map(({ share }) => share);
  assert.ok(Math.abs(shares[0]! - 0.25) < 1e-12 && Math.abs(shares[1]! - 0.75) < 1e-12);
  assert.equal([lag.p50, lag.p90, lag.beyond], [0.4, null, 0.4]);
});

test('the greatest lag is exact, the least may lie below zero and says how many do', () => {
  const tally = new Tally();
  tally.expired(-0.03, 'cycle');
  tally.expired(1234.567, 'command');
  tally.expired(1.2, 'cycle');
  const { expiryLagSeconds: lag, expiryLagCycleOnlySeconds: cycle } = tally.toResult();
  assert.equal([lag.min, lag.max, lag.belowZero], [-0.00003, 1.234567, 1]);
  assert.equal([cycle.min, cycle.max, cycle.belowZero], [-0.00003, null, 1]);
});

test('a merge of results that were written and read again is that of the results', () => {
  const tally = new Tally();
  for (let ms = 1; ms < 2000; ms += 7) record(tally, [ms % 6, ms]);
  const result = tally.toResult();
  assert.equal(mergeTallies([JSON.parse(JSON.stringify(result))]), result);
});

test.run();
