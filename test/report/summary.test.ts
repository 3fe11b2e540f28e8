import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Tally } from '../../src/ledger/tally.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { lateTally, makeResult } from './make-result.ts';

const plain = (...args: Parameters<typeof makeResult>): string => renderSummary(makeResult(...args), { colour: false });
/** The text without its line breaks. */
const flow = (text: string): string => text.replace(/\s+/g, ' ');

function ended(count: number, record: (tally: Tally) => void): Tally {
  const tally = new Tally();
  for (let i = 0; i < count; i++) {
    tally.counts.attempted++;
    record(tally);
  }
  return tally;
}

test('the finding comes first, with how late, how many are left, and what they hold', () => {
  const text = flow(plain());
  assert.ok(
    text.startsWith('Half of the sessions that fell due were told of more than 11.7 s late; '),
    text.slice(0, 200),
  );
  assert.ok(text.includes('412 of 1,000 dead sessions were still in memory at the cut-off, holding 210 kB.'));
});

test('a median that was not reached is never a number', () => {
  const tally = ended(100, (each) => each.stale(30_000));
  const text = flow(plain({ a: tally }));
  assert.match(text, /^Of 100 sessions that fell due, none was told of by an expired event; 100 of 100/);
  assert.match(text, /a 100 0 > 30 s > 30 s > 30 s > 30 s 30\.0 s/);
});

test('prompt expiry is said to be prompt, with the last of all', () => {
  const text = flow(plain({ a: ended(50, (each) => each.expired(214, 'cycle')) }));
  assert.match(
    text,
    /^Half of the sessions that fell due were told of more than 210 ms late, the last 210 ms; no dead session was still in memory/,
  );
});

test('nothing fell due', () => {
  const text = flow(plain({ a: ended(5, (each) => each.count('alive')) }));
  assert.match(text, /^No session fell due/);
  assert.not.match(text, /NaN|null|undefined|Infinity/);
});

test('what eviction did is a sentence and a table: whom it logged out, how active they were, what was dead meanwhile', () => {
  const tally = ended(4, (each) => each.evictedEarly({ remainingMs: 90_000, ageMs: 60_000, idleMs: 5_000 }));
  for (const idleMs of [11_000, null]) tally.evictedEarly({ remainingMs: null, ageMs: 60_000, idleMs });
  for (let i = 0; i < 2; i++) tally.evictedStale(3_000);
  tally.counts.attempted += 4;
  tally.counts.evictedAmbiguous = 1;
  const { series, server } = makeResult();
  const text = plain(
    { users: tally },
    {
      scenario: { name: 'made', durationMs: 40_000 },
      server: { ...server, settings: { 'maxmemory-policy': 'allkeys-lru' } },
      series: {
        ...series,
        evictedEarly: [0, 2, 6],
        evictedStale: [0, 0, 2],
        stale: [900, 30, 60],
        staleMemoryBytes: [9e5, 3e4, 6e4],
      },
    },
  );
  assert.match(
    flow(text),
    /allkeys-lru evicted 6 live sessions, 4 of them active in the last 10 s, while 50 dead ones were in memory, holding 50 kB: users logged out early\./,
  );
  assert.match(text, /users +6 +4 +90\.0 s +5\.00 s +60\.0 s +2 +1\n/);
});

test('what the server used is told as far as it told it: a field that it lacks is no line and no zero', () => {
  const { serverUse, serverSamples } = makeResult();
  const text = flow(plain());
  assert.match(
    text,
    /memory 2\.5 MB at the peak, no maxmemory processor 310 ms in 30\.0 s, all threads; 25 ms in the expire cycle, < 0\.1% of the time sampling 2 samples; all INFO took 2\.10 ms/,
  );
  const limited = flow(
    plain(undefined, {
      serverUse: { ...serverUse, evictedKeys: 1234, evictionExceededSeconds: 0.5 },
      serverSamples: { ...serverSamples, series: { ...serverSamples.series, maxmemoryBytes: [4e6, null] } },
    }),
  );
  assert.match(limited, /at the peak, maxmemory 4 MB .*evicted keys 1,234; above maxmemory for 500 ms/);
  const nothing = Object.fromEntries(Object.keys(serverUse).map((name) => [name, null])) as typeof serverUse;
  const cost = { ...serverSamples.cost, infoCalls: null, infoSeconds: null };
  const untold = flow(
    plain(undefined, {
      serverUse: nothing,
      serverSamples: { ...serverSamples, series: {}, cost, ended: 'it was cut' },
    }),
  );
  assert.match(untold, /Server, in the measurement sampling 2 samples; ended early: it was cut Instrument/);
});

test('lost and unknown sessions are told', () => {
  const tally = new Tally();
  tally.counts.attempted += 3;
  tally.lost(true);
  tally.unknown(100);
  tally.count('refused');
  const text = flow(plain({ a: tally }));
  assert.match(
    text,
    /1 session was lost: gone without an event, or no longer with the deadline that was set\. Of 1 session the end is unknown\. The server refused 1 session\./,
  );
});

test('sessions that were left without a TTL are told, whether they were lost or unknown', () => {
  const tally = ended(2, (each) => each.count('alive'));
  tally.counts.attempted += 2;
  tally.lost(true);
  tally.unknown(null);
  tally.counts.withoutTtl = 2;
  const text = flow(plain({ a: tally }));
  assert.match(
    text,
    /1 session was lost: gone without an event, or no longer with the deadline that was set\. 2 sessions are in memory without the TTL that was to be set,/,
  );
});

test('an invalid result says so before anything else, with the reasons', () => {
  const verdict = { state: 'invalid' as const, reasons: ['a clock stepped by 3 ms'] };
  assert.ok(
    plain(undefined, { verdict }).startsWith(
      'Verdict: INVALID: do not quote these figures\n- a clock stepped by 3 ms\n',
    ),
  );
  assert.ok(
    plain(undefined, { verdict: { state: 'aborted', reasons: ['ended by SIGINT'] } }).startsWith('Verdict: ABORTED'),
  );
});

test('thresholds tell what was measured, or that it was not reached', () => {
  const thresholds = [
    { metric: 'expiry_lag', expression: 'p(99)<500ms', value: null, ok: false },
    { metric: 'stale', expression: 'rate<50%', value: 0.412, ok: true },
  ];
  const text = plain(undefined, { thresholds });
  assert.ok(text.includes('✗ expiry_lag p(99)<500ms (not reached)'), text);
  assert.ok(text.includes('✓ stale rate<50% (0.412)'));
});

test('no digits below the error are printed', () => {
  const result = makeResult({ a: ended(50, (each) => each.expired(214.567, 'cycle')) });
  result.instrument.deadlineErrorMs.p99 = 8;
  assert.match(flow(renderSummary(result, { colour: false })), /more than 210 ms late/);
});

test('it fits 80 columns: many cohorts, long names, big counts, long reasons', () => {
  const big = lateTally();
  big.counts.attempted += 10_000_000;
  for (const outcome of Object.keys(big.outcomes) as (keyof typeof big.outcomes)[]) big.outcomes[outcome] += 10_000_000;
  big.counts.resurrected = 1_000_000;
  big.counts.ambiguous = 1_000_000;
  big.expired(5, 'command');
  big.counts.foundGone = 10_000_000;
  const cohorts = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`a-cohort-with-quite-a-long-name-of-its-own-${i}-and-more-of-it`, big]),
  );
  const verdict = { state: 'invalid' as const, reasons: [`${'word '.repeat(60)}${'x'.repeat(200)}`] };
  const text = plain(cohorts, {
    verdict,
    thresholds: [{ metric: `expiry_lag{cohort:${'n'.repeat(90)}}`, expression: 'p(99)<500ms', value: 1, ok: true }],
  });
  for (const line of text.split('\n')) assert.ok(line.length <= 80, `${line.length}: ${line}`);
});

test('colours change nothing of what is said', () => {
  const result = makeResult();
  const coloured = renderSummary(result, { colour: true });
  const bare = renderSummary(result, { colour: false });
  assert.is.not(coloured, bare);
  assert.is(stripVTControlCharacters(coloured), bare);
});

test.run();
