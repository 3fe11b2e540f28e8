import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseExpression, parseMetric } from '../../src/scenario/threshold.ts';

test('the grammar is k6’s', () => {
  const cases: [string, string, unknown][] = [
    ['expiry_lag', 'p(99)<500ms', { aggregate: { kind: 'p', percent: 99 }, operator: '<', bound: 0.5 }],
    ['expiry_lag', ' p( 99.9 ) <= 2s ', { aggregate: { kind: 'p', percent: 99.9 }, operator: '<=', bound: 2 }],
    ['expiry_lag', 'max<2s', { aggregate: { kind: 'max' }, operator: '<', bound: 2 }],
    ['expiry_lag', 'med>1ms', { aggregate: { kind: 'med' }, operator: '>', bound: 0.001 }],
    ['expiry_lag_cycle_only', 'avg<1m', { aggregate: { kind: 'avg' }, operator: '<', bound: 60 }],
    ['lost', 'count==0', { aggregate: { kind: 'count' }, operator: '==', bound: 0 }],
    ['stale', 'rate<1%', { aggregate: { kind: 'rate' }, operator: '<', bound: 0.01 }],
    ['stale', 'rate!=0.25', { aggregate: { kind: 'rate' }, operator: '!=', bound: 0.25 }],
  ];
  for (const [metric, expression, expected] of cases) {
    assert.equal(parseExpression(metric, expression), { expression, ...(expected as object) }, expression);
  }
});

test('what is wrong is said, with what is allowed', () => {
  const wrong = (metric: string, expression: string, message: RegExp) =>
    assert.match(parseExpression(metric, expression) as string, message);
  wrong('expiry_lag', 'p99<500ms', /is not a threshold; use p\(99\)<500ms/);
  wrong('expiry_lag', 'p(0)<500ms', /aggregate.*use p\(N\)/);
  wrong('expiry_lag', 'p(101)<500ms', /aggregate/);
  wrong('expiry_lag', 'count<5', /aggregate that expiry_lag does not; use p\(N\), med, min, max, avg/);
  wrong('expiry_lag', 'max<500', /bound that is not allowed, "500"; use 250ms/);
  wrong('stale', 'p(99)<5s', /use count, rate/);
  wrong('stale', 'rate<5s', /use 1% or 0.01/);
  wrong('lost', 'count<1.5', /a whole number/);
  wrong('lost', 'count=0', /is not a threshold; use count==0/);
});

test('metrics are known by name, and may be of a cohort', () => {
  const cohorts = ['visitors', 'idle'];
  assert.equal(parseMetric('expiry_lag', cohorts), { metric: 'expiry_lag', cohort: null });
  assert.equal(parseMetric('stale{cohort:idle}', cohorts), { metric: 'stale', cohort: 'idle' });
  assert.match(parseMetric('expirylag', cohorts) as string, /did you mean expiry_lag\?/);
  assert.match(parseMetric('stale{cohort:nobody}', cohorts) as string, /visitors, idle/);
  assert.match(parseMetric('schedule_slip{cohort:idle}', cohorts) as string, /run as a whole/);
  assert.match(parseMetric('stale[idle]', cohorts) as string, /is not a metric/);
});

test.run();
