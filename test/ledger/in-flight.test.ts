import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ANSWERS,
  type Answer,
  type Command,
  type Heard,
  InFlightTable,
  KINDS,
  NONE,
} from '../../src/ledger/in-flight.ts';
import { Rows } from '../../src/ledger/rows.ts';

const FIRST_CAPACITY = 4096;
const ROWS = 6;

interface Settled {
  row: number;
  commands: Command[];
  events: Heard[];
}

/** The same in a few lines, with an object for each command. */
class Model {
  readonly waiting: { handle: number; command: Command; ttlMs: number }[] = [];
  readonly events = new Map<number, Heard[]>();

  hold(row: number, heard: Heard): boolean {
    if (!this.waiting.some(({ command }) => command.row === row)) return false;
    this.events.set(row, [...(this.events.get(row) ?? []), heard]);
    return true;
  }

  release(order: number): Settled[] {
    const settled = new Map<number, Settled>();
    while (this.waiting[0] && this.waiting[0].command.order < order) {
      const { command } = this.waiting.shift()!;
      const of = settled.get(command.row) ?? { row: command.row, commands: [], events: [] };
      of.commands.push(command);
      settled.set(command.row, of);
    }
    for (const [row, of] of settled) {
      of.events.push(...(this.events.get(row) ?? []));
      this.events.delete(row);
    }
    return [...settled.values()];
  }

  get waitingEnds(): number {
    return [...this.events.values()].flat().filter(({ event }) => event !== 'new').length;
  }
}

function released(table: InFlightTable, order: number): Settled[] {
  const settled: Settled[] = [];
  table.release(
    order,
    (command) => settled.push({ row: command.row, commands: [{ ...command }], events: [] }),
    (row, commands, events) => settled.push({ row, commands: [...commands], events: [...events] }),
  );
  return settled;
}

const byRow = (settled: Settled[]): Settled[] => settled.sort((a, b) => a.row - b.row);

const action = fc.oneof(
  fc.record({ does: fc.constant('send'), row: fc.nat(ROWS - 1), kind: fc.constantFrom(...KINDS), times: fc.nat(3) }),
  fc.record({ does: fc.constant('send'), row: fc.nat(ROWS - 1), kind: fc.constantFrom(...KINDS), times: fc.nat(3000) }),
  fc.record({ does: fc.constant('hear'), row: fc.nat(ROWS - 1), event: fc.constantFrom('expired', 'evicted', 'new') }),
  fc.record({ does: fc.constant('answer'), which: fc.nat(), answer: fc.constantFrom(...ANSWERS) }),
  fc.record({ does: fc.constant('fence'), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ does: fc.constant('leave'), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

test('as a list of commands would: whatever is sent, answered, heard and made final, in whatever order', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
      const rows = new Rows(ROWS);
      const table = new InFlightTable(rows);
      const model = new Model();
      let order = 0;
      for (const [step, act] of actions.entries()) {
        if (act.does === 'send') {
          const { row, kind, times } = act as { row: number; kind: Command['kind']; times: number };
          for (let i = 0; i <= times; i++) {
            // Other commands of the lane take positions too.
            order += 1 + (i % 2);
            const ttlMs = i % 3 === 0 ? 1000 : NONE;
            const deadlineMs = i % 3 === 1 ? order * 10 : NONE;
            const handle = table.add({ kind, row, order, sentMs: step, deadlineMs, ttlMs });
            const command = {
              kind,
              row,
              order,
              sentMs: step,
              repliedMs: step,
              answer: null,
              deadlineMs: Number.isNaN(deadlineMs) ? null : deadlineMs,
              deadlineErrorMs: 0,
            };
            model.waiting.push({ handle, command, ttlMs });
          }
        } else if (act.does === 'hear') {
          const { row, event } = act as { row: number; event: Heard['event'] };
          const heard = { event, atMs: step, afterMs: 0 };
          assert.is(table.hold(row, heard), model.hold(row, heard));
        } else if (act.does === 'answer') {
          const { which, answer } = act as { which: number; answer: Answer };
          if (model.waiting.length === 0) continue;
          const waits = model.waiting[which % model.waiting.length]!;
          table.answered(waits.handle, answer, step + 4, 0.5);
          const { command, ttlMs } = waits;
          const halfMs = (step + 4 - command.sentMs) / 2;
          waits.command = {
            ...command,
            answer,
            repliedMs: step + 4,
            ...(!Number.isNaN(ttlMs) && {
              deadlineMs: Math.round(command.sentMs + halfMs - 0.5 + ttlMs),
              deadlineErrorMs: halfMs + 0.5 + 1,
            }),
          };
          assert.is(table.rowOf(waits.handle), command.row);
        } else if (act.does === 'leave') {
          const from = table.next - Math.floor((act as { share: number }).share * 10);
          table.leave(from, step + 1);
          for (const waits of model.waiting) {
            if (waits.handle >= from) waits.command = { ...waits.command, sentMs: step + 1 };
          }
        } else {
          const until = Math.ceil((act as { share: number }).share * (order + 1));
          assert.equal(byRow(released(table, until)), byRow(model.release(until)));
        }
        assert.is(table.size, model.waiting.length);
        assert.is(table.waitingEnds, model.waitingEnds);
        for (let row = 0; row < ROWS; row++) {
          assert.is(
            rows.inFlight[row] !== 0,
            model.waiting.some(({ command }) => command.row === row),
          );
        }
      }
      assert.equal(byRow(released(table, order + 1)), byRow(model.release(order + 1)));
      assert.is(table.size, 0);
      assert.ok(rows.inFlight.every((count) => count === 0));
    }),
    { numRuns: 60 },
  );
});

test('it grows while it goes round, more than once, and each handle still tells its own', () => {
  const rows = new Rows(100_000);
  const table = new InFlightTable(rows);
  let sent = 0;
  let settled = 0;
  const add = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const handle = table.add({ kind: 'read', row: sent, order: sent, sentMs: sent, deadlineMs: NONE, ttlMs: NONE });
      assert.is(handle, sent++);
    }
  };
  const release = (order: number): void =>
    table.release(
      order,
      ({ row, sentMs, answer }) => {
        assert.equal([row, sentMs, answer], [settled, settled, settled % 2 === 0 ? 'done' : 'gone']);
        settled++;
      },
      () => assert.unreachable(),
    );
  const answerAll = (): void => {
    for (let handle = settled; handle < sent; handle++) {
      assert.is(table.rowOf(handle), handle);
      table.answered(handle, handle % 2 === 0 ? 'done' : 'gone', handle + 1, 0);
    }
  };
  for (const more of [FIRST_CAPACITY, FIRST_CAPACITY - 5, 3 * FIRST_CAPACITY, 8 * FIRST_CAPACITY]) {
    add(more);
    answerAll();
    release(sent - 7);
    assert.is(table.size, 7);
  }
  release(sent);
  assert.is(settled, sent);
});

test.run();
