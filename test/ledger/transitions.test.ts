import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FACTS, isOutcome, STATES, TRANSITIONS } from '../../src/ledger/transitions.ts';

/** The whole table as DESIGN tells it, written out a second time: state, fact, next state. */
const EXPECTED = `
planned created live | planned moved-past open | planned refused refused | planned unanswered unsure
live present live | live moved live | live moved-past open | live unanswered unsure
live expired expired | live expired-too-early lost | live evicted-early evicted_early
live evicted-stale evicted_stale | live deleted logged_out | live gone lost | live gone-in-gap unknown
live kept alive | live overdue stale | live altered lost | live unasked unknown
unsure present unsure | unsure moved live | unsure moved-past open | unsure unanswered unsure
unsure expired expired | unsure expired-too-early lost | unsure evicted-early evicted_early
unsure evicted-stale evicted_stale | unsure deleted logged_out | unsure gone unknown | unsure gone-in-gap unknown
unsure kept alive | unsure overdue stale | unsure altered unknown | unsure unasked unknown
open present live | open moved live | open moved-past open | open unanswered unsure
open expired expired | open expired-too-early lost | open evicted-early evicted_early
open evicted-stale evicted_stale | open deleted logged_out | open gone logged_out | open gone-in-gap logged_out
open kept alive | open overdue stale | open altered lost | open unasked unknown
expired reborn live | evicted_early reborn live | evicted_stale reborn live | logged_out reborn live
lost reborn live | unknown reborn live | refused reborn live`
  .split(/[|\n]/)
  .map((line) => line.trim())
  .filter(Boolean);

test('each state × fact goes where the specification says, and nowhere else', () => {
  const found = STATES.flatMap((state) =>
    FACTS.flatMap((fact) => {
      const to = TRANSITIONS[state][fact];
      return to === undefined ? [] : [`${state} ${fact} ${to}`];
    }),
  );
  assert.equal(found.sort(), [...EXPECTED].sort());
});

test('a life without an end has a way to every end that the cut-off can find', () => {
  for (const state of ['live', 'unsure', 'open'] as const) {
    for (const fact of ['kept', 'overdue', 'altered', 'unasked', 'gone'] as const) {
      assert.ok(isOutcome(TRANSITIONS[state][fact]!), `${state} ${fact}`);
    }
  }
});

test.run();
