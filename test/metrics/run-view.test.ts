import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NONE } from '../../src/ledger/in-flight.ts';
import { LagHistogram } from '../../src/ledger/lag-histogram.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { Tally } from '../../src/ledger/tally.ts';
import { RunView } from '../../src/metrics/run-view.ts';
import type { RunFeed, RunStatus } from '../../src/run/run-feed.ts';

const COHORTS = ['a', 'b'];
const NOW_MS = 5_000;

/** A session with a deadline, of which an event is heard or not. */
const session = fc.record({
  cohort: fc.nat(1),
  deadlineMs: fc.integer({ min: 1_000, max: 9_000 }).filter((ms) => ms !== NOW_MS),
  end: fc.option(fc.record({ event: fc.constantFrom('expired', 'evicted'), afterMs: fc.nat(6_000) })),
});
type Session = typeof session extends fc.Arbitrary<infer T> ? T : never;

function ledgerOf(sessions: readonly Session[]): Ledger {
  const ledger = new Ledger(sessions.length, 2, { tellsNew: false, dropsPast: false, leastLagMs: 1 }, 20_000);
  for (const [row, { cohort, deadlineMs }] of sessions.entries()) {
    const sent = { kind: 'create', row, order: row, sentMs: 10, deadlineMs, ttlMs: NONE } as const;
    ledger.answered(ledger.begin(sent, cohort), 'done', 11);
  }
  ledger.fence(sessions.length);
  for (const [row, { deadlineMs, end }] of sessions.entries()) {
    if (!end) continue;
    const atMs = end.event === 'expired' ? deadlineMs + 1 + end.afterMs : 500 + end.afterMs;
    if (atMs < NOW_MS) ledger.heard(row, end.event as 'expired', atMs);
  }
  ledger.advance(NOW_MS);
  return ledger;
}

function viewOf(ledger: Ledger): RunView {
  const feed = {
    tallies: ledger.tallies.map(({ buffers }) => buffers),
    deadlines: ledger.deadlines.buffers,
    requests: ledger.requests.buffer,
    deliveryDelay: new LagHistogram().buffer,
    scheduleSlip: new LagHistogram().buffer,
    sessionBytes: [100, null],
  } as unknown as RunFeed;
  return new RunView({ scenario: 's', cohorts: COHORTS, thresholds: [] }, feed, {} as RunStatus);
}

/** Ends the run now, as a run does: what is past its deadline is stale, what is not is alive. */
function cutOff(ledger: Ledger, sessions: readonly Session[]): void {
  ledger.cutOff(NOW_MS);
  let order = sessions.length;
  for (const row of [...ledger.withoutEnd()]) {
    const { deadlineMs } = sessions[row]!;
    const sent = { kind: 'ask', row, order: order++, sentMs: NOW_MS + 1, deadlineMs: NONE, ttlMs: NONE } as const;
    const handle = ledger.begin(sent, 0);
    if (deadlineMs < NOW_MS) ledger.heard(row, 'expired', NOW_MS + 2);
    ledger.answered(handle, deadlineMs < NOW_MS ? 'gone' : 'done', NOW_MS + 2);
    ledger.inFlight.setDeadline(handle, deadlineMs, 0);
    ledger.fence(order);
  }
  ledger.advance(NOW_MS + 10_000);
}

test('at each moment it tells what the result would say were the run cut off then', () => {
  fc.assert(
    fc.property(fc.array(session, { maxLength: 60 }), (sessions) => {
      const ledger = ledgerOf(sessions);
      const view = viewOf(ledger);
      const during = view.moment();
      cutOff(ledger, sessions);
      assert.equal(ledger.brokenCohorts(), []);
      const whole = new Tally();
      for (const [i, tally] of ledger.tallies.entries()) {
        whole.add(tally);
        const cohort = during.cohorts[i]!;
        assert.is(cohort.live, tally.outcomes.alive);
        assert.is(cohort.stale, tally.outcomes.stale);
        const { delivered, censored } = tally.expiryLag();
        assert.is(cohort.due, delivered + censored + tally.lag.competing.count);
        assert.is(cohort.oldestStaleMs, tally.outcomes.stale === 0 ? 0 : tally.lag.censored.maxUs! / 1000);
        assert.equal(during.estimates.cohortLags[i], tally.expiryLag());
      }
      assert.equal(during.estimates.lag, whole.expiryLag());
      const { cohorts } = view.moment();
      const kept = ({ live, stale, due, oldestStaleMs, staleBytes }: (typeof cohorts)[number]) => {
        return { live, stale, due, oldestStaleMs, staleBytes };
      };
      assert.equal(cohorts.map(kept), during.cohorts.map(kept), 'and after the end it goes on to say so');
      assert.is(cohorts[0]!.staleBytes, cohorts[0]!.stale * 100);
      assert.is(cohorts[1]!.staleBytes, null);
    }),
  );
});

test.run();
