import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseGoals } from '../../src/experiment/goals.ts';
import { shorten } from '../../src/experiment/shorten.ts';
import { parseScenario } from '../../src/scenario/load.ts';

const COHORTS = {
  living: { sessions: 100, ttl: '1h' },
  due: { sessions: 2000, ttl: { uniform: ['1s', '11s'] } },
};

function lengths(goals: string[], share = 0.1, cohorts: object = COHORTS) {
  const scenario = parseScenario({ duration: '60s', cutoff: '30s', cohorts });
  const { durationMs, cutoffMs } = shorten(scenario, parseGoals(goals, scenario), share);
  return { durationMs, cutoffMs };
}

test('a share of the length, when that is enough for the goals', () => {
  assert.equal(lengths(['expiry_lag med<1s'], 0.5), { durationMs: 30_000, cutoffMs: 15_000 });
  assert.equal(lengths(['expiry_lag med<1s'], 1), { durationMs: 60_000, cutoffMs: 30_000 });
});

test('enough sessions fall due for the quantile, and are followed for twice its bound', () => {
  const p90 = lengths(['expiry_lag p(90)<2s']);
  const p99 = lengths(['expiry_lag p(99)<5s']);
  assert.ok(p90.durationMs >= 6000 && p90.durationMs < p99.durationMs, `${p90.durationMs}`);
  assert.ok(p99.durationMs >= 6000 && p99.durationMs < 12_000, `1000 of 2000 are due after 6 s: ${p99.durationMs}`);
  assert.is(p90.cutoffMs, 4000);
  assert.is(p99.cutoffMs, 10_000);
});

test('what is counted at the cut-off needs the whole of it', () => {
  assert.is(lengths(['stale==0']).cutoffMs, 30_000);
});

test('where sessions arrive, memory fills as in a full run; where they are filled, it is full at once', () => {
  const arriving = { visitors: { arrivals: '50/s', ttl: '10s' } };
  assert.is(lengths(['evicted_early==0'], 0.1, arriving).durationMs, 60_000);
  assert.is(lengths(['evicted_early==0']).durationMs, 6000);
});

test.run();
