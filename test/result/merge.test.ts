import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tally } from '../../src/ledger/tally.ts';
import { mergeResults } from '../../src/result/merge.ts';
import type { Result, Verdict } from '../../src/result/schema.ts';
import { makeResult } from '../report/make-result.ts';

/** Sessions from … to (exclusive), every `step`-th: two of three heard, the rest stale. */
function tallyOf(from: number, to: number, step: number): Tally {
  const tally = new Tally();
  for (let i = from; i < to; i += step) {
    tally.counts.attempted++;
    if (i % 3 === 0) tally.stale(50_000 + i);
    else tally.expired(1 + i * 1.7, i % 5 === 0 ? 'command' : 'cycle');
  }
  return tally;
}

function segment(index: number, of: number, changes: Partial<Result> = {}): Result {
  const cohorts = { visitors: tallyOf(index - 1, 900, of), herd: tallyOf(1000 + index - 1, 1400, of) };
  return makeResult(cohorts, { segment: { index, of }, ...changes });
}

const verdict = (state: Verdict['state'], ...reasons: string[]) => ({ verdict: { state, reasons } });

test('the segments together are the whole, in any order', () => {
  const { totals, cohorts, scenario, seed } = segment(1, 1);
  for (const order of [
    [1, 2, 3, 4],
    [3, 1, 4, 2],
  ]) {
    const merged = mergeResults(order.map((index) => segment(index, 4)));
    assert.equal(merged, { ...verdict('valid'), scenario, seed, totals, cohorts });
  }
});

test('the worst verdict is that of all, with every reason once', () => {
  const parts = [
    segment(1, 3, verdict('aborted', 'ended by SIGINT', 'a gap')),
    segment(2, 3, verdict('invalid', 'a gap')),
    segment(3, 3, verdict('valid', 'a remark')),
  ];
  assert.equal(mergeResults(parts).verdict, {
    state: 'invalid',
    reasons: ['ended by SIGINT', 'a gap', 'a remark'],
  });
  assert.is(mergeResults([parts[0]!, segment(2, 3), parts[2]!]).verdict.state, 'aborted');
});

test('a part of the plan does not pass for the whole', () => {
  assert.equal(mergeResults([segment(1, 3), segment(3, 3)]).verdict, {
    state: 'invalid',
    reasons: ['segment 2/3 is missing'],
  });
});

test('segments of different plans, the same one twice, and none at all are refused', () => {
  const error = (parts: Result[]): string => {
    try {
      mergeResults(parts);
    } catch (thrown) {
      assert.instance(thrown, RangeError);
      return (thrown as Error).message;
    }
    return '';
  };
  assert.is(error([segment(1, 2), segment(1, 2)]), 'segment 1/2 is there twice');
  assert.is(error([segment(1, 2), segment(2, 2, { seed: 2 })]), 'segment 2/2 is of another plan');
  assert.is(error([segment(1, 2), segment(2, 3)]), 'segment 2/3 is of another plan');
  assert.is(error([segment(1, 2), segment(2, 2, { scenario: { name: 'other' } })]), 'segment 2/2 is of another plan');
  assert.is(error([]), 'no results to merge');
});

test.run();
