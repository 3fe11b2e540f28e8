import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { planScenario } from '../../src/load/plan.ts';
import { parseScenario, ScenarioError } from '../../src/scenario/load.ts';
import { Rate } from '../../src/scenario/rate.ts';
import { arrivalsOf, filledOf } from './arrivals-of.ts';

const DURATION_MS = 20_000;

function plan(arrivals: unknown, duration = `${DURATION_MS}ms`) {
  return planScenario(parseScenario({ duration, cohorts: { a: { arrivals, ttl: '1s' } } }));
}

/** Arrivals from one time to another, ms. */
function between(times: readonly number[], fromMs: number, toMs: number): number {
  return times.filter((atMs) => atMs >= fromMs && atMs < toMs).length;
}

const shapes = suite('shapes of arrivals');

/** A shape, and how many arrivals are expected between two times. */
const CASES: [string, object, [number, number, number][]][] = [
  [
    'ramp',
    { ramp: { from: '0/s', to: '100/s', over: '10s' } },
    [
      [0, 5_000, 125],
      [5_000, 10_000, 375],
      [10_000, 20_000, 1000],
    ],
  ],
  [
    'ramp over the duration, down',
    { ramp: { from: '100/s', to: '0/s' } },
    [
      [0, 10_000, 750],
      [10_000, 20_000, 250],
    ],
  ],
  [
    'steps',
    {
      steps: [
        { rate: '100/s', for: '4s' },
        { rate: '0/s', for: '4s' },
        { rate: '40/s', for: '1s' },
      ],
    },
    [
      [0, 4_000, 400],
      [4_000, 8_000, 0],
      [8_000, 20_000, 480],
    ],
  ],
  [
    'spike',
    { spike: { base: '10/s', peak: '500/s', at: '10s', for: '2s' } },
    [
      [0, 10_000, 100],
      [10_000, 12_000, 1000],
      [12_000, 20_000, 80],
    ],
  ],
  [
    'diurnal',
    { diurnal: { trough: '20/s', peak: '180/s', 'peak-hour': 12 } },
    [
      [0, 20_000, 2000],
      [0, 5_000, 245.4],
      [5_000, 15_000, 1509.3],
    ],
  ],
  [
    'logins-after-outage',
    { 'logins-after-outage': { base: '50/s', at: '4s', outage: '10s', within: '500ms' } },
    [
      [0, 4_000, 200],
      [4_000, 14_000, 0],
      [14_000, 14_500, 525],
      [14_500, 20_000, 275],
    ],
  ],
];

for (const [name, shape, expected] of CASES) {
  shapes(`${name}: arrivals come at its rate, evenly to one with a constant process`, () => {
    const times = arrivalsOf(plan({ ...shape, process: 'constant' })).map(({ atMs }) => atMs);
    for (const [fromMs, toMs, count] of expected) {
      const found = between(times, fromMs, toMs);
      assert.ok(Math.abs(found - count) <= 1.01, `${fromMs} to ${toMs} ms: ${found}, not ${count}`);
    }
  });

  shapes(`${name}: at random to within the deviation of Poisson's`, () => {
    const times = arrivalsOf(plan(shape)).map(({ atMs }) => atMs);
    for (const [fromMs, toMs, count] of expected) {
      const found = between(times, fromMs, toMs);
      assert.ok(Math.abs(found - count) <= 4 * Math.sqrt(count), `${fromMs} to ${toMs} ms: ${found}, not ${count}`);
    }
  });
}

shapes('what the rate says is when the arrivals are reached, whatever its pieces', () => {
  const lengthMs = fc.integer({ min: 1, max: 5_000 });
  const perSecond = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(fc.array(fc.tuple(lengthMs, perSecond, perSecond), { minLength: 1, maxLength: 6 }), (pieces) => {
      let atMs = 0;
      const knots = pieces.flatMap(([lengthMs, from, to]) => {
        const piece = [
          { atMs, perSecond: from },
          { atMs: atMs + lengthMs, perSecond: to },
        ];
        atMs += lengthMs;
        return piece;
      });
      const rate = new Rate(knots, atMs);
      let sum = 0;
      for (const [lengthMs, from, to] of pieces) sum += (lengthMs * (from + to)) / 2000;
      assert.ok(Math.abs(rate.total - sum) < 1e-6 * (1 + sum));
      let formerMs = 0;
      for (let i = 0; i < 50; i++) {
        const expected = (rate.total * i) / 50;
        if (expected >= rate.total) break;
        const reachedMs = rate.timeOf(expected, rate.pieceOf(expected));
        assert.ok(reachedMs >= formerMs - 1e-6 && reachedMs <= atMs + 1e-6, `${reachedMs} after ${formerMs}`);
        formerMs = reachedMs;
        const before = new Rate(knots, reachedMs).total;
        assert.ok(Math.abs(before - expected) < 1e-6 * (1 + expected), `${before} before, not ${expected}`);
      }
    }),
  );
});

shapes('the index of a session is its rank in time, and so many arrive as the plan says', () => {
  for (const [, shape] of CASES) {
    const { sessions } = plan(shape);
    const arrivals = arrivalsOf(plan(shape));
    assert.is(arrivals.length, sessions);
    for (const [rank, { index }] of arrivals.entries()) assert.is(index, rank);
  }
});

shapes('a shape that does not fit is refused with the place, the value and what is allowed', () => {
  const refused = (arrivals: object): string => {
    try {
      plan(arrivals);
    } catch (error) {
      assert.instance(error, ScenarioError);
      return (error as Error).message.replace('scenario cohorts.a.', '');
    }
    throw new Error('it was accepted');
  };
  const spike = { base: '1/s', peak: '2/s', at: '19s', for: '2s' };
  assert.is(refused({ spike }), 'arrivals.spike.for: ends 21 s after the start; the duration is 20 s');
  assert.match(
    refused({ spike: { ...spike, peek: '2/s' } }),
    /arrivals\.spike\.peek: is not known here; did you mean peak\?/,
  );
  assert.match(refused({ ramp: { from: '1/s' } }), /arrivals\.ramp\.to: is missing/);
  assert.match(refused({ ramp: { from: '0/s', to: '0/s' } }), /arrivals: is 0 at all times/);
  assert.match(refused({ ramp: { from: '1/s', to: 'fast' } }), /arrivals\.ramp\.to: "fast" is not a rate; use 200\/s/);
  assert.match(refused({ rmap: {} }), /arrivals: .*did you mean ramp\? .*\{steps: /);
  assert.match(refused({ steps: [] }), /arrivals\.steps: \[\] is empty/);
  assert.match(
    refused({
      steps: [
        { rate: '1/s', for: '20s' },
        { rate: '2/s', for: '1s' },
      ],
    }),
    /steps\[1\]: begins when/,
  );
  assert.match(refused({ diurnal: { trough: '9/s', peak: '2/s' } }), /diurnal\.trough: 9\/s is above the peak, 2\/s/);
  assert.match(refused({ diurnal: { trough: '1/s', peak: '2/s', 'peak-hour': 25 } }), /25 is not an hour; use 0 to 24/);
  assert.match(refused({ rate: '1/s', proces: 'constant' }), /arrivals\.proces: .*did you mean process\?/);
});

const cohorts = suite('TTLs and users');

cohorts('jitter spreads each TTL evenly on both sides, a shared deadline too', () => {
  for (const ttl of ['100s', { together: '100s' }]) {
    const plan = planScenario(
      parseScenario({ duration: '1s', cohorts: { a: { sessions: 20_000, ttl, jitter: '10%' } } }),
    );
    const factors = filledOf(plan).map((index) => plan.ttlMs(index) / 100_000);
    assert.ok(Math.min(...factors) >= 0.9 && Math.min(...factors) < 0.901);
    assert.ok(Math.max(...factors) <= 1.1 && Math.max(...factors) > 1.099);
    const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
    assert.ok(Math.abs(mean - 1) < 5 * (0.2 / Math.sqrt(12 * factors.length)), `mean ${mean}`);
  }
});

cohorts('a preset gives its mix', () => {
  const ttl = { preset: 'twitter-cluster-23' };
  const plan = planScenario(parseScenario({ duration: '1s', cohorts: { a: { sessions: 20_000, ttl } } }));
  const seconds = filledOf(plan).map((index) => plan.ttlMs(index) / 1000);
  for (const [ttl, weight] of [
    [120, 0.93],
    [2700, 0.05],
    [5, 0.03],
  ] as const) {
    const share = seconds.filter((value) => value === ttl).length / seconds.length;
    assert.ok(Math.abs(share - weight / 1.01) < 0.01, `${ttl} s: ${share}`);
  }
});

cohorts('users have several sessions, and request by their rank, at the mean rate of the cohort', () => {
  const [count, every] = [50, 1000];
  const cohort = { sessions: 20_000, ttl: '1s', activity: { every: `${every}ms`, for: '9s' } };
  const plan = planScenario(
    parseScenario({
      duration: '1s',
      cohorts: {
        own: cohort,
        shared: { ...cohort, users: { count, zipf: 1.1 } },
        other: { ...cohort, users: { count } },
      },
    }),
  );
  const { first, end } = plan.rangeOf(1);
  const users = new Map<number, { sessions: number; perMs: number }>();
  for (let index = first; index < end; index++) {
    const user = users.get(plan.userOf(index)) ?? { sessions: 0, perMs: 1 / plan.requestGapMs(index, 0) };
    user.sessions++;
    users.set(plan.userOf(index), user);
  }
  assert.is(users.size, count);
  const ranked = [...users].sort(([a], [b]) => a - b).map(([, user]) => user);
  assert.ok(ranked.every(({ sessions }) => sessions > 300 && sessions < 500));
  for (let rank = 2; rank <= count; rank++) {
    assert.ok(Math.abs(ranked[0]!.perMs / ranked[rank - 1]!.perMs / rank ** 1.1 - 1) < 1e-9);
  }
  const mean = ranked.reduce((sum, { perMs }) => sum + perMs, 0) / count;
  assert.ok(Math.abs(mean * every - 1) < 1e-9, `${mean}`);
  assert.is(plan.userOf(7), 7);
  const others = new Set(Array.from({ length: 1000 }, (_, i) => plan.userOf(end + i)));
  for (const user of others) assert.ok(user >= plan.sessionsOfAll && !users.has(user));
});

for (const part of [shapes, cohorts]) part.run();
