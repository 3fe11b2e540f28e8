import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGoals, printGoal } from '../../src/experiment/goals.ts';
import { parseScenario, ScenarioError } from '../../src/scenario/load.ts';

const scenario = (thresholds: Record<string, string[]> = {}) =>
  parseScenario({ duration: '1s', cohorts: { visitors: { sessions: 1, ttl: '1s' } }, thresholds }, { name: 'shop' });

const refusal = (...goals: string[]): string => {
  try {
    parseGoals(goals, scenario());
  } catch (error) {
    assert.instance(error, ScenarioError);
    return (error as ScenarioError).message;
  }
  return 'accepted';
};

test('a goal is a metric and a threshold; of a count the word may be left out', () => {
  const goals = parseGoals(
    ['expiry_lag p(99)<500ms', 'expiry_lag{cohort:visitors}max < 2s', 'evicted_early==0', ' stale rate<=1% '],
    scenario(),
  );
  assert.equal(goals.map(printGoal), [
    'expiry_lag p(99)<500ms',
    'expiry_lag{cohort:visitors} max < 2s',
    'evicted_early count==0',
    'stale rate<=1%',
  ]);
  assert.equal(
    goals.map(({ bound }) => bound),
    [0.5, 2, 0, 0.01],
  );
});

test('without goals, those of the scenario; with goals, those alone', () => {
  const own = scenario({ lost: ['count==0'] });
  assert.equal(parseGoals([], own).map(printGoal), ['lost count==0']);
  assert.equal(parseGoals(['stale==0'], own).map(printGoal), ['stale count==0']);
});

test('neither goals nor thresholds', () => {
  assert.match(refusal(), /^--goal: is missing, and shop has no thresholds; .*"expiry_lag p\(99\)<500ms"/);
});

test('a goal that names no metric', () => {
  assert.match(refusal('p(99)<500ms'), /^--goal "p\(99\)<500ms": names no metric; use "expiry_lag p\(99\)<500ms"/);
  assert.match(refusal('count==0'), /names no metric/);
  assert.match(refusal('expiry_lags p(99)<1s'), /"expiry_lags" is not a metric; did you mean expiry_lag\? \(known: /);
});

test('a metric with nothing to hold it against, a cohort that is not there, a bound that is none', () => {
  assert.match(refusal('expiry_lag'), /says nothing of expiry_lag/);
  assert.match(refusal('stale{cohort:bots}==0'), /names a cohort that is not there; use one of visitors/);
  assert.match(refusal('expiry_lag<500ms'), /"<500ms" is not a threshold; use p\(99\)<500ms or max<2s/);
  assert.match(refusal('evicted_early==none'), /bound that is not allowed, "none"; use a whole number/);
  assert.match(refusal(''), /^--goal "": is not a goal/);
});

test('all that is wrong is told at once', () => {
  assert.is(refusal('p(99)<1s', 'stale==0', 'lags max<1s').split('\n').length, 2);
});

test.run();
