import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { uniform } from '../../src/load/draws.ts';
import { planScenario, type Segment } from '../../src/load/plan.ts';
import { LARGEST_PAYLOAD_BYTES, LONGEST_TTL_MS } from '../../src/scenario/limits.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { arrivalsOf, filledOf } from './arrivals-of.ts';

const written = {
  duration: '5300ms',
  cohorts: {
    filled: { sessions: 103, ttl: { lognormal: { median: '20s', sigma: 0.5 } }, payload: { uniform: [100, 500] } },
    poisson: {
      arrivals: '40/s',
      ttl: { exponential: '3s' },
      activity: { every: { exponential: '1s' }, for: { lognormal: { median: '3s', sigma: 1 } } },
      refresh: 'touch',
      logout: '20%',
    },
    ramp: {
      arrivals: { ramp: { from: '0/s', to: '90/s', over: '2s' }, process: 'constant' },
      ttl: { preset: 'twitter-cluster-4' },
      jitter: '10%',
    },
    outage: {
      arrivals: { 'logins-after-outage': { base: '70/s', at: '1s', outage: '2s', within: '200ms' } },
      ttl: { together: '9s' },
      jitter: '20%',
      users: { count: 30, zipf: 1.2 },
      activity: { every: '1s', for: '4s' },
    },
    constant: {
      arrivals: { rate: '7/s', process: 'constant' },
      ttl: {
        mixture: [
          { weight: 1, of: '1s' },
          { weight: 2, of: '9s' },
        ],
      },
    },
  },
};
const scenario = parseScenario(written);

/** Everything that a plan says, a line a session, by index. */
function tell(of: Scenario, segment?: Segment): Map<number, string> {
  const plan = planScenario(of, segment);
  const arrivals = arrivalsOf(plan);
  const times = new Map<number, number>([
    ...filledOf(plan).map((index) => [index, -1] as const),
    ...arrivals.map(({ index, atMs }) => [index, atMs] as const),
  ]);
  assert.is(times.size, plan.sessions);
  return new Map(
    [...times].map(([index, atMs]) => {
      const gaps = [0, 1, 2].map((request) => plan.requestGapMs(index, request));
      const draws = [
        plan.ttlMs(index),
        plan.payloadBytes(index),
        plan.userOf(index),
        plan.visitLengthMs(index),
        plan.logsOut(index),
        ...gaps,
      ];
      return [index, [plan.cohortOf(index), atMs, ...draws].join(' ')];
    }),
  );
}

const hash = (lines: Map<number, string>): string => {
  const sorted = [...lines].sort(([a], [b]) => a - b);
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
};

const plans = suite('plans');

plans('the same seed gives the same plan, byte for byte; another seed another one', () => {
  assert.is(hash(tell(scenario)), hash(tell(parseScenario(written))));
  assert.is.not(hash(tell(scenario)), hash(tell({ ...scenario, seed: 2 })));
});

plans('the segments are parts of the whole, and their union is the whole', () => {
  const whole = tell(scenario);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (of) => {
      const union = new Map<number, string>();
      for (let index = 1; index <= of; index++) {
        for (const [session, line] of tell(scenario, { index, of })) {
          assert.is(session % of, index - 1);
          assert.not(union.has(session));
          union.set(session, line);
        }
      }
      assert.is(hash(union), hash(whole));
    }),
    { numRuns: 9 },
  );
});

plans('arrivals come in the order of time, within the duration, over all cohorts', () => {
  const times = arrivalsOf(planScenario(scenario)).map(({ atMs }) => atMs);
  assert.equal(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok(times[0]! >= 0 && times.at(-1)! < scenario.durationMs);
});

plans('constant arrivals are evenly spaced', () => {
  const plan = planScenario(parseScenario({ ...written, cohorts: { constant: written.cohorts.constant } }));
  const times = arrivalsOf(plan).map(({ atMs }) => atMs);
  assert.is(times.length, Math.ceil(7 * 5.3));
  for (const [i, atMs] of times.entries()) assert.ok(Math.abs(atMs - (i * 1000) / 7) < 1e-9);
});

plans('Poisson arrivals: counts have variance = mean, gaps are exponential', () => {
  const perSecond = 50;
  const plan = planScenario(
    parseScenario({ duration: '400s', cohorts: { a: { arrivals: `${perSecond}/s`, ttl: '1s' } } }),
  );
  const times = arrivalsOf(plan).map(({ atMs }) => atMs);
  const counts = new Array<number>(400).fill(0);
  for (const atMs of times) counts[Math.floor(atMs / 1000)]!++;
  const mean = times.length / 400;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 399;
  assert.ok(Math.abs(mean - perSecond) < 5 * Math.sqrt(perSecond / 400), `mean ${mean}`);
  assert.ok(variance / mean > 0.65 && variance / mean < 1.35, `variance/mean ${variance / mean}`);
  const gaps = times.slice(1).map((atMs, i) => atMs - times[i]!);
  const longer = gaps.filter((gap) => gap > 1000 / perSecond).length / gaps.length;
  assert.ok(Math.abs(longer - Math.exp(-1)) < 0.02, `${longer}`);
});

plans('a shared deadline is the same for all, a drawn TTL is whole and at least 1 ms', () => {
  const herd = planScenario(
    parseScenario({ duration: '1s', cohorts: { a: { sessions: 50, ttl: { together: '5s' } } } }),
  );
  assert.ok(filledOf(herd).every((index) => herd.ttlMs(index) === 5000));
  const tiny = planScenario(
    parseScenario({ duration: '1s', cohorts: { a: { sessions: 500, ttl: { exponential: '1ms' } } } }),
  );
  assert.ok(filledOf(tiny).every((index) => Number.isInteger(tiny.ttlMs(index)) && tiny.ttlMs(index) >= 1));
});

plans('an index that is not of the plan is refused with the range', () => {
  assert.throws(() => planScenario(scenario).ttlMs(1e6), /session 1000000; the plan has 0 to \d+/);
});

plans('constant arrivals are all before the end, whatever floating point makes of their times', () => {
  for (const [rate, durationMs] of [
    ['131.8/s', 15_000],
    ['16.6/s', 25_000],
    ['140/m', 27_000],
    ['7/s', 1_000],
  ] as const) {
    const cohorts = { a: { arrivals: { rate, process: 'constant' }, ttl: '1s' } };
    const times = arrivalsOf(planScenario(parseScenario({ duration: `${durationMs}ms`, cohorts })));
    const gapMs = times[1]!.atMs;
    assert.ok(times.at(-1)!.atMs < durationMs, rate);
    assert.ok(times.length * gapMs >= durationMs, rate);
  }
});

plans('a draw that the ledger or a server could not bear is cut to what they can', () => {
  const far = { kind: 'exponential', mean: 1e12 } as const;
  const cohort = { ...scenario.cohorts[0]!, ttlMs: far, payloadBytes: far };
  const plan = planScenario({ ...scenario, cohorts: [cohort] });
  assert.is(plan.ttlMs(0), LONGEST_TTL_MS - scenario.durationMs);
  assert.is(plan.payloadBytes(0), LARGEST_PAYLOAD_BYTES);
});

const draws = suite('draws');
const BINS = 64;

function chiSquare(values: Iterable<number>): number {
  const bins = new Array<number>(BINS).fill(0);
  let count = 0;
  for (const value of values) {
    bins[Math.floor(value * BINS)]!++;
    count++;
  }
  return bins.reduce((sum, observed) => sum + (observed - count / BINS) ** 2 / (count / BINS), 0);
}

draws('are uniform along each counter', () => {
  const along = {
    seed: (i: number) => uniform(i, 0, 0, 0),
    cohort: (i: number) => uniform(1, i, 0, 0),
    index: (i: number) => uniform(1, 0, i, 0),
    draw: (i: number) => uniform(1, 0, 0, i),
  };
  for (const [counter, at] of Object.entries(along)) {
    const statistic = chiSquare(Array.from({ length: 50_000 }, (_, i) => at(i)));
    assert.ok(statistic > 25 && statistic < 125, `${counter}: chi-square ${statistic} with 63 degrees of freedom`);
  }
});

draws('neighbours do not go together', () => {
  const n = 50_000;
  const pairs = {
    index: (i: number) => [uniform(1, 0, i, 0), uniform(1, 0, i + 1, 0)] as const,
    draw: (i: number) => [uniform(1, 0, i, 0), uniform(1, 0, i, 1)] as const,
    cohort: (i: number) => [uniform(1, 0, i, 0), uniform(1, 1, i, 0)] as const,
    seed: (i: number) => [uniform(1, 0, i, 0), uniform(2, 0, i, 0)] as const,
  };
  for (const [counter, at] of Object.entries(pairs)) {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const [a, b] = at(i);
      sum += (a - 0.5) * (b - 0.5);
    }
    assert.ok(Math.abs((12 * sum) / n) < 5 / Math.sqrt(n), `${counter}: correlation ${(12 * sum) / n}`);
  }
});

for (const part of [plans, draws]) part.run();
