/** Commands whose connection is lost: what each becomes, and when it was sent. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command } from '../../src/ledger/in-flight.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import { SessionSender } from '../../src/load/session-sender.ts';
import { WriteLane } from '../../src/load/write-lane.ts';
import { storeProfile } from '../../src/stores/index.ts';
import { startRedis } from '../support/redis.ts';

test('what was not sent before the connection was lost, or while it was, is not taken for sent when it is there again', async () => {
  const server = await startRedis();
  let lost = (): void => {};
  const cut = new Promise<void>((resolve) => (lost = resolve));
  const lane = await WriteLane.open(server.endpoint, () => lost());
  try {
    let nowMs = 10;
    const epochMs = Date.now();
    const clock = { epochMs, errorMs: 0, nowMs: () => nowMs, fromMono: () => nowMs };
    const ledger = new Ledger(4, 1, { tellsNew: false, dropsPast: false, leastLagMs: 1 }, 100_000);
    const options = { ledger, lane, clock, prefix: 'p:', canPexpiretime: true };
    const answers: string[] = [];
    const sender = new SessionSender({
      ...options,
      writePayload: (_, target, at) => void target.write('x', at),
      onAnswer: (purpose, does, row, answer) => void answers.push(`${purpose} ${does} ${row} ${answer}`),
    });
    const { create } = sender.ready(storeProfile({ name: 'hash', multi: false }));
    const make = (row: number): void => {
      const deadline = nowMs + 60_000 + epochMs;
      Object.assign(sender.numbers, { index: row, ttl: 60_000, now: nowMs + epochMs, deadline, payloadBytes: 1 });
      sender.send(create, row, 0);
    };
    make(0);
    const killed = server.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    nowMs = 20;
    await cut;
    await killed;
    nowMs = 30;
    make(1);
    await lane.reopen();
    nowMs = 40;
    make(2);
    nowMs = 50;
    lane.flush();
    nowMs = 60;
    await lane.drained(1);
    const settled: Command[] = [];
    ledger.inFlight.release(
      lane.sent,
      (command) => settled.push({ ...command }),
      () => assert.unreachable(),
    );
    assert.equal(
      settled.map(({ row, answer, sentMs, repliedMs }) => [row, answer, sentMs, repliedMs]),
      [
        [0, 'unanswered', 10, 20],
        [1, 'unanswered', 30, 30],
        [2, 'done', 50, 60],
      ],
    );
    assert.is(sender.unanswered, 2);
    assert.equal(answers, ['create create 0 unanswered', 'create create 1 unanswered', 'create create 2 done']);
    assert.is(await server.client().dbsize(), 1);
  } finally {
    lane.close();
    await server.stop();
  }
});

test.run();
