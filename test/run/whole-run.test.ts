import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resultSchema } from '../../src/result/schema.ts';
import type { ProgressStatus } from '../../src/run/progress-status.ts';
import { run } from '../../src/run/run.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { assertLaw } from '../support/law.ts';

test('visitors on an embedded server: every session accounted for, every check of the instrument held', async () => {
  const visit = { every: { exponential: '400ms' }, for: { exponential: '2s' } };
  const result = await run(
    parseScenario({
      duration: '4s',
      cutoff: '1s',
      server: { hz: 100 },
      cohorts: {
        idle: { sessions: 3000, ttl: '1h' },
        touching: { arrivals: '60/s', ttl: '700ms', activity: visit, refresh: 'touch', logout: '30%' },
        rewriting: { arrivals: '60/s', ttl: '700ms', activity: visit, refresh: 'rewrite', logout: '30%' },
        getting: { arrivals: '60/s', ttl: '700ms', activity: visit, refresh: 'getex' },
        renewing: { arrivals: '60/s', ttl: '1s', activity: visit, refresh: 'rewrite', 'renew-below': '50%' },
      },
    }),
  );
  assertLaw(result);
  assert.equal(resultSchema.parse(result), result);
  const { totals, cohorts, instrument, verdict } = result;
  assert.is(verdict.state, 'valid', verdict.reasons.join('; '));
  assert.is(cohorts.idle!.outcomes.alive, 3000);
  assert.is(totals.outcomes.lost + totals.outcomes.unknown + totals.outcomes.refused, 0);
  assert.ok(totals.causes.cycle > 100, `${totals.causes.cycle} by the cycle`);
  assert.ok(totals.causes.command > 0, 'a visitor came to a session past its deadline');
  assert.ok(totals.outcomes.logged_out > 10);
  assert.ok(totals.foundGone > 0);
  assert.is(totals.foundGoneEarly, 0);
  assert.is(totals.expiryLagSeconds.min! >= 0.0005, true, 'the server tests now > deadline in ms');
  for (const check of [instrument.staleCountCheck, instrument.expiredKeysCheck, instrument.littlesLaw]) {
    assert.is(check.state, 'held');
  }
  assert.ok(instrument.canaries.flippedOnTime > 5);
  assert.equal(instrument.canaries.violations, []);
  assert.ok(instrument.canaries.lastPresentMs! <= 1.5 && instrument.canaries.firstGoneMs! >= 1);
  assert.ok(instrument.deadlineCheck.sampled > 0);
});

test('a herd is prompt, a trickle among many is late: the order holds within one run each', async () => {
  const p50 = async (due: object, hz: number): Promise<number> => {
    const cohorts = { idle: { sessions: 4000, ttl: '1h' }, due: { payload: 10, ...due } };
    const result = await run(parseScenario({ duration: '3s', cutoff: '1s', server: { hz }, cohorts }));
    assertLaw(result);
    return result.cohorts.due!.expiryLagSeconds.p50 ?? Number.POSITIVE_INFINITY;
  };
  const herd = await p50({ sessions: 20_000, ttl: { together: '1s' } }, 10);
  const trickle = await p50({ sessions: 100, ttl: '1s' }, 10);
  assert.ok(trickle > 2 * herd, `trickle ${trickle} s, herd ${herd} s`);
});

test('sessions still in memory are stale, and push the quantiles out of reach', async () => {
  const cohorts = { idle: { sessions: 20_000, ttl: '1h' }, due: { sessions: 200, ttl: '200ms' } };
  const told: ProgressStatus[] = [];
  const result = await run(parseScenario({ duration: '1s', cohorts }), { onProgress: (status) => told.push(status) });
  assertLaw(result);
  assert.is(Math.max(...told.map(({ due }) => due)), 200);
  const { outcomes, expiryLagSeconds } = result.cohorts.due!;
  assert.ok(outcomes.stale > 100, `${outcomes.stale} stale`);
  assert.is(expiryLagSeconds.p50, null);
  assert.ok(expiryLagSeconds.beyond! > 0.5 && expiryLagSeconds.beyond! < 1.5);
  assert.ok(result.staleMemoryBytes.value! > outcomes.stale * 200, 'at least their payloads');
});

test('evictions before the deadline and after it are told apart', async () => {
  const result = await run(
    parseScenario({
      duration: '3s',
      server: { hz: 1, maxmemory: '6mb', 'maxmemory-policy': 'allkeys-random' },
      cohorts: {
        idle: { sessions: 9000, ttl: '1h', payload: 200 },
        dead: { sessions: 400, ttl: '100ms', payload: 200 },
        pushing: { arrivals: '1500/s', ttl: '1h', payload: '1kB' },
      },
    }),
  );
  assertLaw(result);
  const { cohorts, instrument } = result;
  assert.ok(cohorts.idle!.outcomes.evicted_early > 50, JSON.stringify(cohorts.idle!.outcomes));
  assert.ok(cohorts.dead!.outcomes.evicted_stale > 10, JSON.stringify(cohorts.dead!.outcomes));
  assert.is(cohorts.idle!.outcomes.evicted_stale, 0);
  assert.is(instrument.staleCountCheck.state, 'held', result.verdict.reasons.join('; '));
  assert.is(instrument.evictedKeysCheck.state, 'held');
  const { remainingTtlSeconds, ageSeconds, idleSeconds } = cohorts.idle!.evictions;
  assert.is(remainingTtlSeconds.count, cohorts.idle!.outcomes.evicted_early);
  assert.ok(
    remainingTtlSeconds.p50! > 3590 && remainingTtlSeconds.max! <= 3600.01,
    JSON.stringify(remainingTtlSeconds),
  );
  assert.ok(ageSeconds.max! < result.phases.fill! + result.phases.measure! + 0.1, JSON.stringify(ageSeconds));
  assert.is(idleSeconds.count, 0, 'they were there before the measurement');
  assert.ok(cohorts.pushing!.evictions.idleSeconds.count > 0);
  assert.is(cohorts.dead!.evictions.overdueSeconds.count, cohorts.dead!.outcomes.evicted_stale);
  assert.is(result.totals.outcomes.lost, 0);
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
});

test('a server out of memory refuses, and is measured to the end', async () => {
  const result = await run(
    parseScenario({
      duration: '2s',
      server: { maxmemory: '3mb', 'maxmemory-policy': 'noeviction' },
      cohorts: { pushing: { arrivals: '1500/s', ttl: '1s', payload: '2kB' } },
    }),
  );
  assertLaw(result);
  assert.ok(result.totals.outcomes.refused > 100, JSON.stringify(result.totals.outcomes));
  assert.ok(result.instrument.errors.OOM! > 100);
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  assert.match(result.verdict.reasons.join(), /refused \d+ sessions.*OOM/);
  assert.is(result.instrument.staleCountCheck.state, 'held');
});

test('a herd that overruns the subscriber’s output buffer: a gap, and nothing is called lost', async () => {
  const result = await run(
    parseScenario({
      duration: '3s',
      server: { 'client-output-buffer-limit': 'pubsub 100kb 0 0' },
      cohorts: { herd: { sessions: 40_000, ttl: { together: '500ms' }, payload: 10 } },
    }),
  );
  assertLaw(result);
  const { outcomes } = result.totals;
  assert.ok(result.instrument.gaps.length > 0);
  assert.ok(outcomes.unknown > 0 && outcomes.lost === 0, JSON.stringify(outcomes));
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /events may have been missed/);
  assert.match(result.verdict.reasons.join(), /client-output-buffer-limit has pubsub 102400 0 0/);
});

test('two segments attempt the whole plan, the same sessions as in one', async () => {
  const scenario = parseScenario({
    duration: '1s',
    cohorts: { filled: { sessions: 301, ttl: '1h' }, arriving: { arrivals: '200/s', ttl: '1h' } },
  });
  const [whole, first, second] = await Promise.all([
    run(scenario),
    run(scenario, { segment: { index: 1, of: 2 } }),
    run(scenario, { segment: { index: 2, of: 2 } }),
  ]);
  for (const name of ['filled', 'arriving']) {
    const parts = first.cohorts[name]!.attempted + second.cohorts[name]!.attempted;
    assert.is(parts, whole.cohorts[name]!.attempted);
  }
  assert.is(first.cohorts.filled!.attempted, 151);
});

test.run();
