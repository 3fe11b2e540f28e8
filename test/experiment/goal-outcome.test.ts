import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { goalOutcomes } from '../../src/experiment/goal-outcome.ts';
import { parseGoals } from '../../src/experiment/goals.ts';
import { LagHistogram } from '../../src/ledger/lag-histogram.ts';
import { Tally } from '../../src/ledger/tally.ts';
import { evaluateThresholds } from '../../src/result/thresholds.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { lateTally, makeResult } from '../report/make-result.ts';

const scenario = parseScenario({ duration: '1s', cohorts: { visitors: { sessions: 1, ttl: '1s' } } });

function outcome(goal: string, visitors: Tally) {
  const goals = parseGoals([goal], scenario);
  const thresholds = evaluateThresholds(goals, {
    totals: visitors,
    cohorts: new Map([['visitors', visitors]]),
    deliveryDelay: new LagHistogram(),
    scheduleSlip: new LagHistogram(),
  });
  return goalOutcomes(goals, makeResult({ visitors }, { thresholds }))[0]!;
}

/** All 1,000 heard, each so late. */
function heard(lagMs: number): Tally {
  const tally = new Tally();
  tally.counts.attempted = 1000;
  for (let i = 0; i < 1000; i++) tally.expired(lagMs, 'cycle');
  return tally;
}

test('a goal that is met has no shortfall; one just missed has some', () => {
  assert.is(outcome('expiry_lag p(99)<1s', heard(500)).shortfall, 0);
  assert.is(outcome('evicted_early==0', heard(500)).shortfall, 0);
  const { met, shortfall } = outcome('stale<0', heard(500));
  assert.not.ok(met);
  assert.ok(shortfall > 0);
});

test('the nearer a value is to its bound, the less it falls short, whichever way the bound points', () => {
  const far = outcome('expiry_lag p(99)<100ms', heard(1000)).shortfall;
  assert.ok(outcome('expiry_lag p(99)<100ms', heard(200)).shortfall < far);
  assert.ok(
    outcome('expiry_lag p(99)>2s', heard(1000)).shortfall < outcome('expiry_lag p(99)>9s', heard(1000)).shortfall,
  );
});

test('a quantile that was not reached falls short by more than any that was, the less the more were heard', () => {
  const { value, met, shortfall } = outcome('expiry_lag p(99)<1s', lateTally());
  assert.equal(value, { beyond: 30 });
  assert.not.ok(met);
  assert.ok(shortfall > outcome('expiry_lag p(99)<1s', heard(29_000)).shortfall);
  assert.ok(
    shortfall >
      outcome(
        'expiry_lag p(99)<1s',
        lateTally((i) => 1 + i),
      ).shortfall,
  );
});

test('a count is held against its bound', () => {
  const { value, shortfall } = outcome('stale==0', lateTally());
  assert.is(value, 412);
  assert.ok(shortfall > outcome('stale<400', lateTally()).shortfall);
});

test('where no session fell due there is nothing to judge a lag by, and nothing is nearer', () => {
  const none = new Tally();
  none.counts.attempted = 5;
  for (let i = 0; i < 5; i++) none.evictedEarly({ remainingMs: 100, ageMs: 1, idleMs: 1 });
  assert.equal(outcome('expiry_lag p(99)<1s', none), { value: null, met: false, shortfall: Number.POSITIVE_INFINITY });
});

test.run();
