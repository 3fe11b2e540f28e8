import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { figuresOf } from '../../src/experiment/figures.ts';
import { Tally } from '../../src/ledger/tally.ts';
import { lateTally, makeResult } from '../report/make-result.ts';

test('quantiles that were not reached say beyond what, and the share that was notified is of all that fell due', () => {
  const { lagP50Seconds, lagP99Seconds, notifiedShare, staleSessions } = figuresOf(makeResult());
  assert.type(lagP50Seconds, 'number');
  assert.equal(lagP99Seconds, { beyond: 30 });
  assert.is(notifiedShare, 0.588);
  assert.is(staleSessions, 412);
});

test('where nothing fell due there is no lag and no share, and nothing is lost', () => {
  const tally = new Tally();
  tally.counts.attempted = 2;
  tally.count('alive');
  tally.count('logged_out');
  const figures = figuresOf(makeResult({ a: tally }));
  assert.is(figures.lagP50Seconds, null);
  assert.is(figures.notifiedShare, null);
  assert.is(figures.liveLost, 0);
});

test('live sessions lost are those that ended before their deadline though nobody logged out, or never began', () => {
  const tally = lateTally();
  tally.counts.attempted += 18;
  for (let i = 0; i < 5; i++) tally.evictedEarly({ remainingMs: 1000, ageMs: 10, idleMs: null });
  for (let i = 0; i < 3; i++) tally.count('refused');
  for (let i = 0; i < 2; i++) tally.lost(false);
  for (let i = 0; i < 4; i++) tally.lost(true);
  for (let i = 0; i < 4; i++) tally.evictedStale(10);
  assert.ok(tally.lawHolds());
  const figures = figuresOf(makeResult({ a: tally }));
  assert.is(figures.liveLost, 5 + 3 + 2);
  assert.is(figures.evictedEarly, 5);
  assert.is(figures.evictedStale, 4);
  assert.is(figures.refused, 3);
});

test('what the server did not tell of its use is not known', () => {
  const { serverUse } = makeResult();
  const told = figuresOf(
    makeResult(undefined, {
      serverUse: { ...serverUse, cpuSeconds: 4, expireCycleCpuSeconds: 1, peakUsedMemoryBytes: 9 },
    }),
  );
  assert.equal([told.serverCpuSeconds, told.expireCycleShare, told.peakMemoryBytes], [4, 0.25, 9]);
  const silent = figuresOf(
    makeResult(undefined, { serverUse: { ...serverUse, cpuSeconds: 4, expireCycleCpuSeconds: null } }),
  );
  assert.is(silent.expireCycleShare, null);
});

test.run();
