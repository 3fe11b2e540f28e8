import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../../src/ledger/outcome.ts';
import { ModelServer } from './model-server.ts';

const SESSIONS = 4;
const row = fc.nat(SESSIONS - 1);
const ttl = fc.integer({ min: 1, max: 40 });
const kind = fc.constantFrom('create', 'create', 'read', 'touch', 'getex', 'rewrite', 'logout');

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
  deletes: fc.tuple(fc.constant('foreignDelete'), row),
  cuts: fc.constantFrom(['cut'], ['restore']),
};

type Action = readonly (string | number | boolean)[];
const common = [act.sends, act.sends, act.executes, act.executes, act.replies, act.replies, act.hears, act.hears];
const own: fc.Arbitrary<Action> = fc.oneof(...common, act.fences, act.ticks, act.cycles, act.evicts, act.refuses);
const withGaps = fc.oneof(own, own, own, act.cuts);
const withAll = fc.oneof(own, own, own, act.cuts, act.deletes);

function check(server: ModelServer): void {
  const { tallies, present } = server.ledger;
  let attempted = 0;
  let ended = 0;
  for (const tally of tallies) {
    attempted += tally.attempted;
    for (const outcome of OUTCOMES) ended += tally.outcomes[outcome];
  }
  assert.ok(ended + present <= attempted, `${ended} ended + ${present} present of ${attempted} attempted`);
}

function play(server: ModelServer, actions: readonly Action[]): void {
  for (const [name, ...args] of actions) {
    (server[name as 'tick'] as (...args: unknown[]) => void)(...args);
    check(server);
  }
  server.finish();
  assert.equal(server.ledger.brokenCohorts(), [], 'attempted = the sum of the outcomes, in each cohort');
  assert.is(server.ledger.present, 0);
  assert.is(server.ledger.inFlight.size, 0);
}

const sum = (server: ModelServer, outcome: (typeof OUTCOMES)[number]): number =>
  server.ledger.tallies.reduce((total, tally) => total + tally.outcomes[outcome], 0);

const actions = (of: fc.Arbitrary<Action>) => fc.array(of, { maxLength: 120, size: 'max' });

test('any interleaving keeps the law: own commands, events, evictions, gaps, foreign deletes, refusals', () => {
  fc.assert(
    fc.property(fc.boolean(), actions(withAll), (tellsNew, list) => play(new ModelServer(SESSIONS, tellsNew), list)),
    { numRuns: 1500 },
  );
});

test('with events of new keys and no gap, every outcome is the true one', () => {
  fc.assert(
    fc.property(actions(own), (list) => {
      const server = new ModelServer(SESSIONS, true);
      play(server, list);
      const { truth } = server;
      assert.is(
        server.ledger.tallies.reduce((total, tally) => total + tally.attempted, 0),
        server.lives,
        'lives',
      );
      for (const outcome of ['expired', 'logged_out', 'alive', 'stale', 'lost', 'unknown', 'refused'] as const) {
        assert.is(sum(server, outcome), truth[outcome], outcome);
      }
      assert.is(
        sum(server, 'evicted_early') + sum(server, 'evicted_stale'),
        truth.evicted_early + truth.evicted_stale,
        'evicted',
      );
    }),
    { numRuns: 1500 },
  );
});

test('what a gap may have hidden is unknown, never lost', () => {
  fc.assert(
    fc.property(actions(withGaps), (list) => {
      const server = new ModelServer(SESSIONS, true);
      play(server, list);
      assert.is(sum(server, 'lost'), 0);
    }),
    { numRuns: 1500 },
  );
});

test.run();
