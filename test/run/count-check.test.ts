import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Life } from '../../src/ledger/ledger.ts';
import { Rows } from '../../src/ledger/rows.ts';
import { type CountSample, checkCounts, checkLittlesLaw } from '../../src/run/count-check.ts';

const sample = (atMs: number, stale: number): CountSample => ({
  publishedMs: atMs,
  heardMs: atMs + 0.5,
  serverCount: 10 + stale,
  ledgerLeast: 10 + stale,
  ledgerMost: 10 + stale,
  live: 10,
  close: 0,
  waitingEnds: 0,
  serverExpired: 0,
  serverEvicted: 0,
  heardEvicted: 0,
  heardExpired: 0,
});

const life = (deadlineMs: number, endedMs: number | null, errorMs = 0): Life & { errorMs: number } => ({
  row: 0,
  cohort: 0,
  deadlineMs,
  outcome: endedMs === null ? 'stale' : 'expired',
  cause: 'cycle',
  endedMs,
  ambiguous: false,
  errorMs,
});

test('counts that agree hold; a difference is broken, or inconclusive where others write', () => {
  assert.is(
    checkCounts(
      [
        [5, 5, 5],
        [7, 6, 8],
      ],
      null,
    ).state,
    'held',
  );
  assert.equal(
    checkCounts(
      [
        [5, 5, 5],
        [7, 9, 9],
        [8, 6, 7],
      ],
      null,
    ),
    {
      state: 'broken',
      reason: null,
      fences: 3,
      worstDifference: -2,
    },
  );
  assert.is(checkCounts([[7, 9, 9]], 'another client').state, 'not possible');
  assert.is(checkCounts([], null).state, 'not possible');
});

test("Little's law: the server's stale sessions are the lives whose interval contains the fence", () => {
  const samples = [sample(1000, 0), sample(2000, 2), sample(3000, 1), sample(4000, 1)];
  const lives = [life(1500, 2500), life(1200, 2000.6), life(2600, null)];
  const law = checkLittlesLaw(samples, lives, 5000, null);
  assert.is(law.state, 'held');
  assert.is(law.staleSecondsByServer, 3);
  assert.is(law.staleSecondsByLives, 3);
  assert.ok(Math.abs(law.overlapSeconds - (1 + 0.8006 + 1.4)) < 1e-9);
});

test('an end that was heard in one read with the fence may have come before it or after, as a row tells it to 15 ns', () => {
  const rows = new Rows(1);
  rows.setHeard(0, 2000.512345678);
  const lives = [life(1500, rows.heardMs(0))];
  for (const stale of [0, 1]) {
    const fence = { ...sample(2000, stale), heardMs: 2000.512345678 };
    assert.is(checkLittlesLaw([sample(1000, 0), fence, sample(3000, 0)], lives, 5000, null).state, 'held', `${stale}`);
  }
  const wrong = { ...sample(2000, 2), heardMs: 2000.512345678 };
  assert.is(checkLittlesLaw([sample(1000, 0), wrong], lives, 5000, null).state, 'broken');
});

test('a life whose deadline was too close to the fence to tell may count or not, though a refresh moved it later', () => {
  const at = (stale: number) => {
    const close = { ...sample(2000, stale), close: 1 };
    return checkLittlesLaw([close], [life(2700, 2900)], 5000, null).state;
  };
  assert.is(at(0), 'held');
  assert.is(at(1), 'held');
  assert.is(at(2), 'broken');
});

test("Little's law breaks when a life is missing, or ends at another time", () => {
  const samples = [sample(1000, 0), sample(2000, 2), sample(3000, 0)];
  assert.is(checkLittlesLaw(samples, [life(1500, 2500)], 5000, null).worstDifference, 1);
  assert.is(checkLittlesLaw(samples, [life(1500, 2500), life(1500, 3500)], 5000, null).worstDifference, -1);
});

test('a deadline within its error of the fence may count or not', () => {
  const at = (stale: number) => checkLittlesLaw([sample(2000, stale)], [life(1999, null, 3)], 5000, null).state;
  assert.is(at(0), 'held');
  assert.is(at(1), 'held');
  assert.is(at(2), 'broken');
});

test.run();
