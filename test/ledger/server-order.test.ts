import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Answer, Command, CommandKind, Heard, HeardEvent } from '../../src/ledger/in-flight.ts';
import { serverOrder } from '../../src/ledger/server-order.ts';

const command = (kind: CommandKind, answer: Answer, sentMs: number, deadlineMs: number | null = null): Command => ({
  kind,
  row: 0,
  order: 0,
  sentMs,
  repliedMs: sentMs + 1,
  answer,
  deadlineMs,
  deadlineErrorMs: 0,
});
const heard = (event: HeardEvent, atMs: number, afterMs = 0): Heard => ({ event, atMs, afterMs });
const live = { exists: true, unsure: false, deadlineMs: 100, deadlineErrorMs: 0 };
const rules = { tellsNew: true, dropsPast: false, leastLagMs: 1, clockErrorMs: 0, latestDeliveryMs: 1 };

test('a read that found nothing comes after the end, one that found the key before it', () => {
  const end = [heard('expired', 120)];
  assert.equal(serverOrder([command('read', 'gone', 119)], end, live, rules).taken, [1]);
  assert.equal(serverOrder([command('read', 'done', 99)], end, live, rules).taken, [0]);
});

test('a rewrite takes the end of the old life and the key that it made', () => {
  const events = [heard('expired', 120), heard('new', 120), heard('expired', 300)];
  assert.equal(serverOrder([command('rewrite', 'done', 119, 219)], events, live, rules).taken, [2]);
});

test('of two rewrites, the one after which the key is said to be gone did not make it', () => {
  const commands = [
    command('rewrite', 'done', 50, 150),
    command('read', 'gone', 52),
    command('rewrite', 'done', 54, 154),
  ];
  const events = [heard('evicted', 53), heard('new', 55)];
  assert.equal(serverOrder(commands, events, live, rules).taken, [0, 1, 1]);
});

test('where the server does not tell of new keys, an event before the new deadline belongs to the old life', () => {
  const old = { ...rules, tellsNew: false };
  const rewrite = command('rewrite', 'done', 119, 219);
  assert.equal(serverOrder([rewrite], [heard('expired', 121)], live, old).taken, [1]);
  assert.equal(serverOrder([rewrite], [heard('expired', 260)], live, old).taken, [0]);
});

test('an expired within 1 ms of the new deadline cannot be of the new life: the server tests now > deadline', () => {
  const old = { ...rules, tellsNew: false };
  const rewrite = command('rewrite', 'done', 119, 219);
  assert.equal(serverOrder([rewrite], [heard('expired', 219.9)], live, old).taken, [1]);
  assert.equal(serverOrder([rewrite], [heard('expired', 220)], live, old), { taken: [0], ambiguous: true });
});

test('there an eviction may be of either life unless the fence before it was published after the rewrite', () => {
  const old = { ...rules, tellsNew: false };
  const rewrite = command('rewrite', 'done', 50, 150);
  const at = (atMs: number, afterMs: number) => serverOrder([rewrite], [heard('evicted', atMs, afterMs)], live, old);
  assert.equal(at(50.5, 40), { taken: [1], ambiguous: true }, 'the delivery delay says which is likelier');
  assert.equal(at(52.5, 40), { taken: [0], ambiguous: true });
  assert.equal(at(60, 52), { taken: [0], ambiguous: false });
  assert.equal(at(49, 40), { taken: [1], ambiguous: false }, 'heard before the rewrite left');
});

test('so many commands that the server must have stood still are not searched', () => {
  const commands = Array.from({ length: 5000 }, (_, i) => command('read', 'done', i));
  const { taken, ambiguous } = serverOrder(commands, [heard('evicted', 6000)], live, rules);
  assert.equal([taken.length, ambiguous], [5000, true]);
});

test('whether an unsure key was there at the start: a tie is ambiguous, and a single surprise decides', () => {
  const unsure = { ...live, unsure: true };
  const commands = [command('rewrite', 'done', 50, 150), command('read', 'gone', 52)];
  const events = [heard('new', 51), heard('evicted', 53)];
  assert.equal(serverOrder(commands, events, unsure, rules), { taken: [1, 1], ambiguous: false });
  const twice = [command('rewrite', 'done', 50, 51), command('rewrite', 'done', 52, 152)];
  const dropping = { ...rules, dropsPast: true };
  assert.equal(serverOrder(twice, [heard('new', 53)], unsure, dropping).ambiguous, true);
});

test('the error of each deadline counts, that of a touch its own', () => {
  const old = { ...rules, tellsNew: false };
  const touch = { ...command('touch', 'done', 50, 200), deadlineErrorMs: 20 };
  const at = (atMs: number) =>
    serverOrder([touch, command('rewrite', 'done', 190, 400)], [heard('expired', atMs)], live, old);
  assert.equal(at(191).taken, [0, 1], 'of the touched life, whose deadline is off by up to 20 ms');
  assert.equal(at(191).ambiguous, false);
});

test('what fits nothing is left for later, not dropped', () => {
  const commands = [command('read', 'done', 1), command('read', 'gone', 2), command('read', 'done', 3)];
  const { taken } = serverOrder(commands, [], live, rules);
  assert.equal(taken, [0, 0, 0]);
});

test.run();
