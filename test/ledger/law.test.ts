import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Life } from '../../src/ledger/ledger.ts';
import { OUTCOMES } from '../../src/ledger/outcome.ts';
import { NEVER_MS } from '../../src/ledger/rows.ts';
import { type Engine, LASTING_TTL_MS, ModelServer, REDIS_7, type TrueLife } from './model-server.ts';

const SESSIONS = 4;
const row = fc.nat(SESSIONS - 1);
const ttl = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: LASTING_TTL_MS - 1 }), weight: 9 },
  { arbitrary: fc.constant(LASTING_TTL_MS), weight: 1 },
);
const kind = fc.constantFrom('create', 'create', 'read', 'touch', 'getex', 'rewrite', 'logout', 'sweep');

/** What can happen next; `replies` and `hears` are a connection each, and may run ahead of one another. */
const act = {
  sends: fc.tuple(fc.constant('send'), kind, row, ttl),
  executes: fc.constant(['execute']),
  replies: fc.constant(['reply']),
  hears: fc.constant(['hear']),
  fences: fc.constant(['fence']),
  ticks: fc.tuple(fc.constant('tick'), fc.integer({ min: 1, max: 30 })),
  cycles: fc.tuple(fc.constant('cycle'), row),
  evicts: fc.tuple(fc.constant('evict'), row),
  refuses: fc.tuple(fc.constant('refuse'), fc.boolean()),
  deletes: fc.tuple(fc.constantFrom('foreignDelete', 'foreignPersist'), row),
  cuts: fc.constantFrom(['cut'], ['restore']),
  laneCuts: fc.tuple(fc.constant('cutLane'), fc.nat(3)),
};

type Action = readonly (string | number | boolean)[];
const common = [act.sends, act.sends, act.executes, act.executes, act.replies, act.replies, act.hears, act.hears];
const own: fc.Arbitrary<Action> = fc.oneof(...common, act.fences, act.ticks, act.cycles, act.evicts, act.refuses);
const withGaps = fc.oneof(own, own, own, act.cuts);
const withLaneCuts = fc.oneof(own, own, own, own, act.laneCuts);
const withAll = fc.oneof(own, own, own, own, act.cuts, act.deletes, act.laneCuts);

function check(server: ModelServer): void {
  const { tallies, present, lasting, rows } = server.ledger;
  checkDeadlines(server);
  let without = 0;
  for (let of = 0; of < SESSIONS; of++) if (rows.isPresent(of) && rows.deadlineMs[of] === NEVER_MS) without++;
  assert.is(lasting, without);
  let attempted = 0;
  let ended = 0;
  for (const tally of tallies) {
    attempted += tally.counts.attempted;
    for (const outcome of OUTCOMES) ended += tally.outcomes[outcome];
  }
  assert.ok(ended + present <= attempted, `${ended} ended + ${present} present of ${attempted} attempted`);
}

/** What is counted beside the rows is what a pass over them finds. */
function checkDeadlines({ nowMs, ledger: { rows, deadlines } }: ModelServer): void {
  deadlines.advance(nowMs);
  const { live, staleOf } = rows.countLive(nowMs, 2);
  const inMemory = [0, 1].map((cohort) => deadlines.of(cohort));
  const isUnset = (row: number): boolean => rows.isPresent(row) && rows.deadlineMs[row] === 0;
  const unset = Array.from({ length: SESSIONS }, (_, row) => row).filter(isUnset);
  assert.is(inMemory[0]!.present + inMemory[1]!.present, live + staleOf[0]! + staleOf[1]!);
  for (const cohort of [0, 1]) {
    const stale = Array.from({ length: SESSIONS }, (_, row) => row).filter(
      (row) => rows.isPresent(row) && rows.cohort[row] === cohort && rows.deadlineMs[row]! < Math.floor(nowMs),
    );
    const known = stale.filter((row) => !unset.includes(row)).map((row) => rows.deadlineMs[row]!);
    assert.is(inMemory[cohort]!.stale, known.length);
    assert.is(inMemory[cohort]!.oldestMs, known.length === 0 ? null : Math.min(...known));
    const told: number[] = [];
    deadlines.forEachStale(cohort, (deadlineMs, lives) => told.push(...Array<number>(lives).fill(deadlineMs)));
    assert.equal(
      told,
      known.toSorted((a, b) => a - b),
    );
  }
}

function play(server: ModelServer, actions: readonly Action[], asks?: number): void {
  for (const [name, ...args] of actions) {
    (server[name as 'tick'] as (...args: unknown[]) => void)(...args);
    check(server);
  }
  server.finish(asks);
  const { ledger } = server;
  assert.equal(ledger.brokenCohorts(), [], 'attempted = the sum of the outcomes, in each cohort');
  assert.is(ledger.present, 0);
  assert.is(ledger.inFlight.size, 0);
  const lives = [...ledger.lives()];
  assert.is(lives.length, total(server, 'attempted'));
  assert.is(lives.filter(({ ambiguous }) => ambiguous).length, total(server, 'ambiguous'));
}

const total = (server: ModelServer, count: 'attempted' | 'ambiguous'): number =>
  server.ledger.tallies.reduce((sum, tally) => sum + tally.counts[count], 0);

const actions = (of: fc.Arbitrary<Action>) => fc.array(of, { maxLength: 120, size: 'max' });

/** What the ledger says of a session's lives, beside what they were. */
function pairs(server: ModelServer, of: number): { said: Life; was: TrueLife; errorMs: number }[] {
  const said = [...server.ledger.lives()].filter((life) => life.row === of);
  const were = server.lives.filter((life) => life.row === of);
  assert.is(said.length, were.length, `lives of session ${of}`);
  return said.map((life, i) => ({ said: life, was: were[i]!, errorMs: server.ledger.rows.deadlineErrorMs(of) }));
}

/** In its own reckoning the harness may hear of an end before it was. */
const LARGEST_SKEW_MS = 3;

function isTrue({ said, was, errorMs }: ReturnType<typeof pairs>[number], isLast: boolean): void {
  const told = JSON.stringify({ said, was });
  assert.is(said.outcome, was.outcome, told);
  if (said.outcome === 'refused') return;
  // of a life that is past the row does not keep the error any more; the longest round trip of the model bounds it
  assert.ok(Math.abs(said.deadlineMs - was.deadlineMs!) <= (isLast ? errorMs : 2000), told);
  if (said.outcome !== 'expired') return;
  assert.ok(said.endedMs! >= was.endedMs - LARGEST_SKEW_MS, told);
  if (said.cause === 'cycle') assert.is(was.cause, 'cycle', told);
}

/** Servers as they are: Redis 6.2, 7.0 and 8.0, Valkey 8.0 and 8.1; and a harness whose idea of their clock is off. */
const kinds = [
  { ...REDIS_7, tellsNew: false },
  REDIS_7,
  { ...REDIS_7, leastLagMs: 0 },
  { ...REDIS_7, dropsPast: true, leastLagMs: 0 },
  { ...REDIS_7, dropsPast: true, pastFires: true, leastLagMs: 0 },
];
const engine = fc
  .tuple(fc.constantFrom<Engine>(...kinds), fc.constantFrom(0, 0, -0.4, 0.4, -3, 3))
  .map(([kind, skewMs]): Engine => ({ ...kind, skewMs }));

const tellingNew = engine.filter(({ tellsNew }) => tellsNew);

test('any interleaving keeps the law: own commands, events, evictions, gaps, lost connections, foreign hands, refusals', () => {
  const asks = fc.option(fc.nat(3), { nil: undefined });
  fc.assert(
    fc.property(engine, actions(withAll), asks, (engine, list, limit) =>
      play(new ModelServer(SESSIONS, engine), list, limit),
    ),
    { numRuns: 3000 },
  );
});

test('with no gap, each life has its true outcome, deadline and cause, unless it is ambiguous', () => {
  fc.assert(
    fc.property(engine, actions(withLaneCuts), (engine, list) => {
      const server = new ModelServer(SESSIONS, engine);
      play(server, list);
      for (let of = 0; of < SESSIONS; of++) {
        const said = [...server.ledger.lives()].filter((life) => life.row === of);
        if (said.some(({ ambiguous }) => ambiguous)) continue;
        for (const [i, life] of pairs(server, of).entries()) isTrue(life, i === said.length - 1);
      }
    }),
    { numRuns: 6000 },
  );
});

test('where new keys are told and none dropped, a life that is ambiguous is still counted', () => {
  const redis = tellingNew.filter(({ dropsPast }) => !dropsPast);
  fc.assert(
    fc.property(redis, actions(own), (engine, list) => {
      const server = new ModelServer(SESSIONS, engine);
      play(server, list);
      assert.is(total(server, 'attempted'), server.lives.length);
    }),
    { numRuns: 1500 },
  );
});

test('what a gap may have hidden is unknown, never lost', () => {
  fc.assert(
    fc.property(tellingNew, actions(withGaps), (engine, list) => {
      const server = new ModelServer(SESSIONS, engine);
      play(server, list);
      assert.is(
        server.ledger.tallies.reduce((sum, { outcomes }) => sum + outcomes.lost, 0),
        0,
      );
    }),
    { numRuns: 3000 },
  );
});

test.run();
