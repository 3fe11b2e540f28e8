import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, type CommandKind, NONE } from '../../src/ledger/in-flight.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { BYTES_PER_ROW, LATEST_DEADLINE_MS, NEVER_MS, Rows } from '../../src/ledger/rows.ts';

/** One session in a ledger, with commands that are answered at once and fences when asked for. */
class Script {
  readonly ledger = new Ledger(1, 1, { tellsNew: false, dropsPast: false, leastLagMs: 1 }, 100_000);
  #order = 0;

  constructor() {
    this.ledger.bounds = { clockErrorMs: 0.1, fencePublishedMs: 0, latestDeliveryMs: 1 };
  }

  send(
    kind: CommandKind,
    answer: Answer,
    sentMs: number,
    deadlineMs: number | null = null,
    tookMs = 1,
    deadlineErrorMs = 0,
  ): this {
    const handle = this.ledger.begin(
      { kind, row: 0, order: this.#order++, sentMs, deadlineMs: deadlineMs ?? NONE, ttlMs: NONE },
      0,
    );
    this.ledger.answered(handle, answer, sentMs + tookMs);
    this.ledger.inFlight.setDeadline(handle, deadlineMs, deadlineErrorMs);
    return this;
  }

  created(deadlineMs = 1000): this {
    return this.send('create', 'done', 10, deadlineMs).fence();
  }

  heard(event: 'expired' | 'evicted' | 'new', atMs: number): this {
    this.ledger.heard(0, event, atMs);
    return this;
  }

  fence(): this {
    this.ledger.fence(this.#order);
    return this;
  }

  get tally() {
    return this.ledger.tallies[0]!;
  }

  get life() {
    return [...this.ledger.lives()].map(({ outcome, cause }) => `${outcome} ${cause}`).join(', ');
  }

  /** A fence was heard that had been published then. */
  fencePublished(atMs: number): this {
    this.ledger.bounds = { ...this.ledger.bounds, fencePublishedMs: atMs };
    return this;
  }
}

const events = suite('events');

events('an expired event that nothing provoked is the cycle’s, and carries its lag', () => {
  const script = new Script().created().heard('expired', 1500.25);
  assert.is(script.life, 'expired cycle');
  assert.is(script.tally.lag.cycle.maxUs, 500250);
});

events('an end heard before its reply waits for the fence', () => {
  const script = new Script().created().send('read', 'gone', 1500).heard('expired', 1501);
  assert.is(script.life, 'null none');
  script.fence();
  assert.is(script.life, 'expired command');
  assert.is(script.tally.counts.ambiguous, 0);
});

events('an event heard before the command left cannot be its doing', () => {
  assert.is(new Script().created().send('read', 'gone', 1500).heard('expired', 1499).fence().life, 'expired cycle');
});

events('a provoked expiry soon after the deadline may have been the cycle’s: ambiguous', () => {
  const script = new Script().created().send('read', 'gone', 1003).heard('expired', 1004).fence();
  assert.is(script.life, 'expired command');
  assert.is(script.tally.counts.ambiguous, 1);
});

events('an expired before the deadline in force belongs to the life before it', () => {
  const script = new Script().created().send('rewrite', 'done', 1500, 2500).heard('expired', 1501).fence();
  assert.is(script.life, 'expired command, null none');
  assert.is(script.tally.counts.attempted, 2);
  assert.is(script.tally.counts.resurrected, 1);
});

events('with no life before it, it shows that someone else moved the deadline', () => {
  const script = new Script().created().heard('expired', 900);
  assert.is(script.life, 'lost none');
  assert.equal(script.ledger.tooEarly, { count: 1, worstMs: 101 });
});

events('an early eviction knows the TTL left, the age, and the last request since the measurement began', () => {
  const at = (script: Script) => {
    const { remainingTtlSeconds, ageSeconds, idleSeconds } = script
      .heard('evicted', 700)
      .fence()
      .tally.toResult().evictions;
    return [remainingTtlSeconds.max, ageSeconds.max, idleSeconds.max];
  };
  assert.equal(at(new Script().created(1000)), [0.3, 0.69, 0.69]);
  assert.equal(at(new Script().created(1000).send('read', 'done', 600).fence()), [0.3, 0.69, 0.1]);
  assert.equal(
    at(new Script().created(1000).send('read', 'gone', 700)),
    [0.3, 0.69, 0.69],
    'a request that found it gone',
  );
  assert.equal(at(new Script().created(NEVER_MS)), [null, 0.69, 0.69]);
  const filled = new Script().created(1000);
  filled.ledger.measuredFromMs = 20;
  assert.equal(at(filled), [0.3, 0.69, null]);
});

events('an eviction is early by when it was heard, stale by the fence heard before it, or ambiguous', () => {
  assert.is(new Script().created().heard('evicted', 999).life, 'evicted_early none');
  assert.is(new Script().created().fencePublished(1002).heard('evicted', 1003).life, 'evicted_stale none');
  for (const [atMs, life] of [
    [1001.5, 'evicted_early none'],
    [1003, 'evicted_stale none'],
  ] as const) {
    const script = new Script().created().fencePublished(980).heard('evicted', atMs);
    assert.is(script.life, life, 'the latest delivery delay says which is likelier');
    assert.is(script.tally.counts.ambiguous, 1);
  }
});

events('a life counts once as ambiguous, whatever was left open about it, and one born of it too', () => {
  const script = new Script().created().send('rewrite', 'done', 1000.2, 1999).heard('evicted', 1001.5).fence();
  assert.is(script.life, 'evicted_early none, null none');
  assert.equal(
    [...script.ledger.lives()].map(({ ambiguous }) => ambiguous),
    [true, true],
  );
  assert.is(script.tally.counts.ambiguous, 2);
});

events('an event about a session that has ended is a stray', () => {
  assert.is(new Script().created().heard('expired', 1500).heard('expired', 1600).ledger.strays, 1);
});

const commands = suite('commands');

commands('a refresh moves the deadline only once a fence has made it final', () => {
  const script = new Script().created().send('touch', 'done', 500, 1500);
  assert.is(script.ledger.rows.deadlineMs[0], 1000);
  script.fence();
  assert.is(script.ledger.rows.deadlineMs[0], 1500);
});

commands('a logout that finds the key gone is not a logout', () => {
  assert.is(new Script().created().send('logout', 'done', 500).fence().life, 'logged_out logout');
  const late = new Script().created().send('logout', 'gone', 1500).heard('expired', 1501).fence();
  assert.is(late.life, 'expired command');
});

commands('GETEX with a deadline already past is a delete, with a cause of its own', () => {
  const script = new Script().created().send('getex', 'done', 800, 801, 50).fence();
  script.ledger.cutOff(2000);
  script.send('ask', 'gone', 2001).fence();
  assert.is(script.life, 'logged_out refresh');
  assert.is(script.tally.counts.ambiguous, 1);
});

commands('a key gone without event is lost, or unknown where a gap may have hidden it', () => {
  assert.is(new Script().created().send('read', 'gone', 500).fence().life, 'lost none');
  const script = new Script().created();
  script.ledger.gaps.push({ fromMs: 1200, toMs: 1300 });
  script.send('read', 'gone', 1500).fence();
  assert.is(script.life, 'unknown none');
  assert.is(script.tally.lag.censored.maxUs, 200000, 'followed to the start of the gap');
});

commands('a gap before the key was last seen hides nothing', () => {
  const script = new Script().created();
  script.ledger.gaps.push({ fromMs: 100, toMs: 200 });
  script.send('read', 'done', 300).fence().send('read', 'gone', 500).fence();
  assert.is(script.life, 'lost none');
});

commands('a refused create is an outcome, and a visit to it is not one that found its session gone', () => {
  const script = new Script().send('create', 'refused', 10, 1000).send('read', 'gone', 20).fence();
  assert.is(script.life, 'refused none');
  assert.is(script.tally.counts.foundGone, 0);
});

commands('a visitor who finds the session gone before its deadline found it gone early', () => {
  const early = new Script().created().heard('evicted', 500).send('read', 'gone', 600).fence();
  assert.equal([early.tally.counts.foundGone, early.tally.counts.foundGoneEarly], [1, 1]);
  const late = new Script().created().send('read', 'gone', 1500).heard('expired', 1501).fence();
  assert.equal([late.tally.counts.foundGone, late.tally.counts.foundGoneEarly], [1, 0]);
});

commands('an unanswered create whose key is nowhere is unknown', () => {
  const script = new Script().send('create', 'unanswered', 10, 1000).fence();
  script.ledger.cutOff(2000);
  script.send('ask', 'gone', 2001).fence();
  assert.is(script.life, 'unknown none');
});

commands('after an unanswered refresh either deadline may be in force, each with its own error', () => {
  const script = new Script().created(10_000).send('touch', 'unanswered', 5000, 20_000, 4000, 2000).fence();
  assert.is(script.heard('expired', 18_500).life, 'expired cycle');
  assert.is(script.ledger.rows.deadlineMs[0], 20_000);
  assert.is(script.tally.counts.ambiguous, 1);
});

commands('the deadline of an unanswered refresh is of the life that it was sent to, not of the one after', () => {
  const script = new Script().created(1000).send('touch', 'unanswered', 500, 2000).fence();
  script.heard('expired', 1001.5).send('rewrite', 'done', 1600, 5000).fence();
  assert.is(script.heard('expired', 5001.5).life, 'expired cycle, expired cycle');
  assert.is(script.ledger.rows.deadlineMs[0], 5000);
  assert.ok(script.tally.lag.cycle.maxUs! < 2000);
});

commands('of a deadline that a server stood still over the error is told as large as it is', () => {
  const script = new Script();
  const sent = { kind: 'create' as const, row: 0, order: 0, sentMs: 10, deadlineMs: NONE, ttlMs: 60_000 };
  script.ledger.answered(script.ledger.begin(sent, 0), 'done', 4010);
  script.send('read', 'done', 4011).fence();
  assert.is(script.ledger.rows.deadlineMs[0], 62_010);
  assert.ok(script.ledger.rows.deadlineErrorMs(0) >= 2000);
  script.ledger.cutOff(5000);
  // It was executed at the end of the stall.
  assert.is(script.send('ask', 'done', 5001, 64_009).fence().life, 'alive none');
});

commands('sessions without a deadline are told from the others while they live, however they end', () => {
  const script = new Script().created(NEVER_MS);
  const { ledger } = script;
  const counts = (): number[] => [ledger.present, ledger.deadlines.of(0).present, ledger.lasting];
  assert.equal(counts(), [1, 1, 1]);
  script.send('touch', 'done', 100, 5000).fence();
  assert.equal(counts(), [1, 1, 0]);
  script.send('rewrite', 'done', 200, NEVER_MS).fence();
  assert.equal(counts(), [1, 1, 1]);
  script.send('logout', 'done', 300).fence();
  assert.equal(counts(), [0, 0, 0]);
  script.send('rewrite', 'done', 400, NEVER_MS).fence();
  assert.equal(counts(), [1, 1, 1]);
  ledger.cutOff(500);
  script.send('ask', 'done', 501).fence();
  assert.equal(counts(), [0, 0, 0]);
  assert.is(script.life, 'logged_out logout, alive none');
  assert.is(script.tally.counts.withoutTtl, 0);
});

const cutOff = suite('cut-off');

cutOff('what is heard later shows what was in memory: stale or alive by the deadline', () => {
  const stale = new Script().created();
  stale.ledger.cutOff(1500);
  assert.is(stale.heard('expired', 1600).life, 'stale none');
  assert.is(stale.tally.lag.censored.maxUs, 500000);
  const alive = new Script().created(1550);
  alive.ledger.cutOff(1500);
  assert.is(alive.heard('expired', 1600).life, 'alive none');
});

cutOff('a key that is there without the deadline that we set is lost', () => {
  const ask = (found: number | null): string => {
    const script = new Script().created(5000);
    script.ledger.cutOff(1500);
    return script.send('ask', 'done', 1600, found).fence().life;
  };
  assert.is(ask(5000), 'alive none');
  assert.is(ask(6000), 'lost none');
  assert.is(ask(null), 'lost none');
});

cutOff('a key that is there is not past its deadline, however the estimate of that stands to the cut-off', () => {
  const touched = (): Script => {
    const script = new Script().created(500).send('touch', 'done', 100, 999, 10, 5).fence();
    script.ledger.cutOff(1000);
    return script;
  };
  const asked = touched().send('ask', 'done', 1001, 1003).fence();
  assert.is(asked.life, 'alive none');
  assert.is(asked.ledger.rows.deadlineMs[0], 1003, 'the one read is exact');
  assert.is(asked.tally.counts.ambiguous, 0);
  const heard = touched().heard('expired', 1004.5);
  assert.is(heard.tally.counts.ambiguous, 1, 'whether it was due at the cut-off, nobody can tell');
  const exact = new Script().created(1000);
  exact.ledger.cutOff(1000.3);
  assert.is(exact.send('ask', 'done', 1000.7, 1000).fence().life, 'alive none', 'the same ms: not past it');
});

cutOff('after an unanswered refresh the deadline found tells which of the two was in force', () => {
  for (const found of [10_000, 20_000]) {
    const script = new Script().created(10_000).send('touch', 'unanswered', 5000, 20_000, 40, 20).fence();
    script.ledger.cutOff(6000);
    assert.is(script.send('ask', 'done', 6001, found).fence().life, 'alive none');
    assert.is(script.ledger.rows.deadlineMs[0], found);
  }
});

cutOff('a key without TTL whose EXPIRE was never answered is no one else’s doing: unknown, and counted', () => {
  const created = new Script().send('create', 'unanswered', 10, 5000).fence();
  const rewritten = new Script().created(4000).send('rewrite', 'unanswered', 10, 5000).fence();
  for (const script of [created, rewritten]) {
    script.ledger.cutOff(1500);
    assert.is(script.send('ask', 'done', 1600).fence().life, 'unknown none');
    assert.is(script.tally.counts.withoutTtl, 1);
    assert.equal(script.ledger.brokenCohorts(), []);
  }
});

cutOff('a session that was found alive may still be evicted while the others are read', () => {
  const script = new Script().created(5000);
  script.ledger.cutOff(1500);
  script.send('ask', 'done', 1600, 5000).fence().heard('evicted', 1700);
  assert.is(script.life, 'alive none');
  assert.is(script.ledger.strays, 0);
});

cutOff('what cannot be asked is unknown, and counted as such', () => {
  const script = new Script().created();
  script.ledger.cutOff(1500);
  script.ledger.giveUp();
  assert.is(script.life, 'unknown none');
  assert.is(script.ledger.unasked, 1);
  assert.equal(script.ledger.brokenCohorts(), []);
});

cutOff('a gap that opens while the rest is read may hide an event as well', () => {
  const script = new Script().created();
  script.ledger.cutOff(1500);
  script.ledger.gaps.push({ fromMs: 1550, toMs: Number.POSITIVE_INFINITY });
  assert.is(script.send('ask', 'gone', 1600).fence().life, 'unknown none');
});

cutOff('a life that a command of ours may have ended is open until that is known', () => {
  const script = new Script().created().send('getex', 'done', 800, 801, 50).fence();
  assert.equal([script.ledger.present, script.ledger.open], [1, 1]);
  script.send('touch', 'done', 900, 1900).fence();
  assert.equal([script.ledger.present, script.ledger.open], [1, 0]);
});

const rows = suite('rows');

rows('count what is past its deadline, in whole ms, and what is too close to tell', () => {
  const table = new Rows(5);
  for (const [row, deadlineMs, errorMs] of [
    [0, 900, 0],
    [1, 998, 0],
    [2, 999, 0],
    [3, 1001, 0],
    [4, 1010, 9.5],
  ] as const) {
    table.setState(row, 'live');
    table.setDeadline(row, deadlineMs, errorMs);
  }
  assert.equal(table.countLive(1000.9, 2), { live: 2, stale: 3, close: 3, staleOf: [3, 0] });
});

rows('take the bytes that are stated, in shared memory', () => {
  const table = new Rows(1000);
  assert.ok(BYTES_PER_ROW <= 24);
  assert.is(table.buffer.byteLength, 1000 * BYTES_PER_ROW);
  assert.instance(table.buffer, SharedArrayBuffer);
});

rows('carry a time heard to better than a microsecond, and refuse a deadline that does not fit', () => {
  const table = new Rows(1);
  table.setHeard(0, 4_000_000_000.1234);
  assert.ok(Math.abs(table.heardMs(0)! - 4_000_000_000.1234) < 1e-3);
  assert.throws(() => table.setDeadline(0, LATEST_DEADLINE_MS + 2, 0), /4294967296.*0 to 4294967294/);
});

for (const part of [events, commands, cutOff, rows]) part.run();
