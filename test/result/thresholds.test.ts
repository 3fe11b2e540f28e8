import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LagHistogram } from '../../src/ledger/lag-histogram.ts';
import { Tally } from '../../src/ledger/tally.ts';
import { evaluateThresholds } from '../../src/result/thresholds.ts';
import { parseScenario } from '../../src/scenario/load.ts';

/** 100 sessions: 60 heard after 1 … 60 ms, 20 stale after 5 s, 20 logged out. */
function visitors(): Tally {
  const tally = new Tally();
  tally.counts.attempted = 100;
  for (let ms = 1; ms <= 60; ms++) tally.expired(ms, 'cycle');
  for (let i = 0; i < 20; i++) tally.stale(5000);
  for (let i = 0; i < 20; i++) tally.count('logged_out');
  tally.counts.foundGone = 3;
  return tally;
}

function evaluate(thresholds: Record<string, string[]>, tally = visitors()) {
  const { thresholds: parsed } = parseScenario({
    duration: '1s',
    cohorts: { visitors: { sessions: 1, ttl: '1s' }, nobody: { sessions: 1, ttl: '1s' } },
    thresholds,
  });
  const delay = new LagHistogram();
  for (let us = 100; us <= 10_000; us += 100) delay.record(us);
  const source = {
    totals: tally,
    cohorts: new Map([
      ['visitors', tally],
      ['nobody', new Tally()],
    ]),
    deliveryDelay: delay,
    scheduleSlip: new LagHistogram(),
  };
  return evaluateThresholds(parsed, source).map(
    ({ metric, expression, value, ok }) => `${metric} ${expression} ${value && Number(value.toPrecision(3))} ${ok}`,
  );
}

test('quantiles count the sessions that were never notified', () => {
  assert.equal(
    evaluate({ expiry_lag: ['p(50)<50ms', 'p(50)<=41ms', 'p(75)<100ms', 'p(76)<1h', 'med<1s', 'min>0ms'] }),
    [
      'expiry_lag p(50)<50ms 0.04 true',
      'expiry_lag p(50)<=41ms 0.04 true',
      'expiry_lag p(75)<100ms 0.06 true',
      'expiry_lag p(76)<1h null false',
      'expiry_lag med<1s 0.04 true',
      'expiry_lag min>0ms 0.001 true',
    ],
  );
});

test('a quantile or a maximum that was not reached fails, whichever way the bound points', () => {
  const results = evaluate({ expiry_lag: ['max<1h', 'max>1ms', 'p(99)>1ms'] });
  assert.ok(results.every((line) => line.endsWith('null false')));
});

test('a mean that nothing was followed for fails: sessions lost at once are no good lag', () => {
  const lost = new Tally();
  lost.lost(true);
  assert.equal(evaluate({ expiry_lag: ['avg<1s'] }, lost), ['expiry_lag avg<1s null false']);
  assert.equal(evaluate({ expiry_lag: ['avg<2s', 'avg<1s'] }), [
    'expiry_lag avg<2s 1.27 true', // 60 of 80 after 30.5 ms, 20 for 5 s
    'expiry_lag avg<1s 1.27 false',
  ]);
});

test('what a command provoked counts in the lag, and not in that of the cycle only', () => {
  const tally = new Tally();
  for (let ms = 1; ms <= 10; ms++) tally.expired(ms, ms <= 5 ? 'command' : 'cycle');
  assert.equal(evaluate({ expiry_lag: ['p(12.5)<3ms'], expiry_lag_cycle_only: ['p(12.5)<3ms', 'min<3ms'] }, tally), [
    'expiry_lag p(12.5)<3ms 0.002 true',
    'expiry_lag_cycle_only p(12.5)<3ms 0.006 false',
    'expiry_lag_cycle_only min<3ms 0.006 false',
  ]);
});

test('counts and rates of outcomes, of all or of one cohort', () => {
  assert.equal(
    evaluate({ stale: ['count==20', 'rate<20%', 'rate<=20%'], lost: ['count==0'], found_gone: ['count<3'] }),
    [
      'stale count==20 20 true',
      'stale rate<20% 0.2 false',
      'stale rate<=20% 0.2 true',
      'lost count==0 0 true',
      'found_gone count<3 3 false',
    ],
  );
  assert.equal(evaluate({ 'stale{cohort:nobody}': ['count==0', 'rate<1%'], 'stale{cohort:visitors}': ['count!=20'] }), [
    'stale{cohort:nobody} count==0 0 true',
    'stale{cohort:nobody} rate<1% 0 true',
    'stale{cohort:visitors} count!=20 20 false',
  ]);
});

test('the instrument has thresholds too', () => {
  const [delay, slip] = evaluate({ delivery_delay: ['p(50)<6ms'], schedule_slip: ['max<1ms'] });
  assert.match(delay!, /delivery_delay p\(50\)<6ms 0\.005\d* true/);
  assert.is(slip, 'schedule_slip max<1ms null false', 'nothing was measured');
});

test.run();
