import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, type CommandKind, NONE } from '../../src/ledger/in-flight.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { NEVER_MS } from '../../src/ledger/rows.ts';
import type { Fence } from '../../src/run/fences.ts';
import { FieldWatch } from '../../src/run/field-watch.ts';

/** Sessions that are fields, in a ledger whose commands and fences are told by hand; session n falls due at 1000 n. */
class Play {
  readonly ledger: Ledger;
  readonly watch: FieldWatch;
  #order = 0;

  constructor(sessions: number, readsDelete = true) {
    this.ledger = new Ledger(sessions + 1, 1, { tellsNew: false, dropsPast: false, leastLagMs: 1 }, 100_000);
    this.watch = new FieldWatch(this.ledger, [true], 1, readsDelete);
    for (let row = 1; row <= sessions; row++) this.send('create', row, 'done', row, row * 1000);
    this.fence(100, sessions);
  }

  send(kind: CommandKind, row: number, answer: Answer, sentMs: number, deadlineMs = NONE): void {
    const handle = this.ledger.begin({ kind, row, order: this.#order++, sentMs, deadlineMs, ttlMs: NONE }, 0);
    this.ledger.answered(handle, answer, sentMs + 1);
  }

  get order(): number {
    return this.#order;
  }

  fence(publishedMs: number, fields: number, order = this.#order): void {
    this.ledger.bounds = { clockErrorMs: 0.1, fencePublishedMs: publishedMs, latestDeliveryMs: 1 };
    this.ledger.fence(order);
    this.watch.fence({ publishedMs, fields, order } as Fence);
  }

  get ends(): string[] {
    return [...this.ledger.lives()].map(({ cause, endedMs }) => `${cause} ${Math.round(endedMs ?? 0)}`);
  }

  get outcomes(): string {
    return [...this.ledger.lives()].map(({ outcome }) => outcome ?? 'there').join(' ');
  }
}

test('the fields that are gone are those with the earliest deadlines', () => {
  const play = new Play(3);
  play.watch.heard(1002);
  play.fence(1500, 2);
  assert.is(play.outcomes, 'expired there there');
  play.watch.heard(2002);
  play.watch.heard(3002);
  play.fence(3500, 0);
  assert.is(play.outcomes, 'expired expired expired');
  assert.is(play.ledger.tallies[0]!.counts.ambiguous, 1);
});

test('one that a read found absent has ended, though others are due earlier, and by the read', () => {
  const play = new Play(3);
  play.watch.heard(3010);
  play.watch.heard(3020.5);
  play.send('read', 3, 'absent', 3020);
  play.fence(3500, 1);
  assert.equal(play.ends, ['cycle 3010', 'none 0', 'command 3021']);
  assert.is(play.ledger.tallies[0]!.counts.foundGone, 1);
});

test('one that was gone before a read came ended with an event before it', () => {
  const play = new Play(2);
  play.watch.heard(2005);
  play.send('read', 2, 'absent', 3000);
  play.watch.heard(3400);
  play.fence(3500, 0);
  assert.equal(play.ends, ['cycle 2005', 'cycle 2005']);
});

test('an event that two reads fit belongs to one of them: neither is lost, and that is told', () => {
  const play = new Play(2);
  play.send('read', 1, 'absent', 3000);
  play.send('read', 2, 'absent', 3000);
  play.watch.heard(3000.5);
  play.fence(3500, 0);
  assert.equal(play.ends, ['command 3001', 'command 3001']);
  assert.is(play.ledger.tallies[0]!.counts.ambiguous, 1);
});

test('where reads delete nothing, what they find absent may be there for long', () => {
  const play = new Play(3, false);
  play.watch.heard(3010);
  play.send('read', 3, 'absent', 3005);
  play.fence(3500, 2);
  assert.is(play.outcomes, 'expired there there');
  assert.is(play.ledger.tallies[0]!.counts.foundGone, 1);
});

test('one that ended while a command of it is in flight is found once, however many fences come before its reply', () => {
  const play = new Play(2);
  play.watch.heard(1002);
  const first = play.order;
  play.send('touch', 1, 'refused', 1400, 9000);
  play.fence(1500, 1, first);
  play.fence(1510, 1, first);
  assert.is(play.outcomes, 'there there', 'its end waits for the command');
  play.fence(1520, 1);
  assert.is(play.outcomes, 'expired there');
  assert.is(play.ledger.strays, 0);
  play.fence(1530, 1);
  assert.is(play.outcomes, 'expired there');
});

test('logged out, rewritten, without TTL, unsure: they are counted as they are', () => {
  const play = new Play(5);
  play.send('logout', 1, 'done', 200);
  play.send('rewrite', 2, 'done', 300, 8000);
  play.send('rewrite', 3, 'done', 300, NEVER_MS);
  play.send('touch', 4, 'unanswered', 300, 9000);
  play.fence(500, 4);
  assert.is(play.outcomes, 'logged_out there there there there');
  play.watch.heard(4003);
  play.fence(4500, 3);
  assert.is(play.outcomes, 'logged_out there there expired there');
  play.fence(60_000, 3);
  assert.is(play.outcomes, 'logged_out there there expired there');
  play.fence(60_100, 1);
  assert.is(play.outcomes, 'logged_out lost there expired lost', 'no event told of them');
});

test.run();
