import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WriteLane } from '../../src/load/write-lane.ts';
import { EVENT, SPACE } from '../../src/observe/event-batch.ts';
import { Fences } from '../../src/run/fences.ts';
import type { RunClock } from '../../src/run/run-clock.ts';

const code = (event: number, space: number): number => (event << 4) | space;

test('what one read brought was heard at one time, though the clock is set while a fence in it waits for its reply', async () => {
  const replies: ((reply: unknown, receivedMonoMs: number) => void)[] = [];
  // The reply is to come after the message, which no server can be made to do at will.
  const lane = {
    sent: 0,
    send: (_: readonly string[], onReply: (typeof replies)[number]) => void replies.push(onReply),
    flush() {},
  } as unknown as WriteLane;
  let offsetMs = 0;
  const clock = {
    nowMs: () => 1000,
    fromMono: (monoMs: number) => monoMs + offsetMs,
    fromServer: (serverMs: number) => serverMs,
  } as RunClock;
  const heard: number[] = [];
  const fences = new Fences(lane, 'channel', clock, {
    event: (_event, _space, _value, heardMs) => void heard.push(heardMs),
    fence: ({ heardMs }) => void heard.push(heardMs),
  });
  const sent = fences.send();
  const expired = code(EVENT.expired, SPACE.session);
  fences.events({
    node: 0,
    arrivalMonoMs: 1010,
    codes: Uint8Array.of(expired, code(EVENT.fence, SPACE.fence), expired),
    values: Uint32Array.of(7, 1, 8),
  });
  assert.equal(heard, [1010], 'what is behind the fence waits');
  offsetMs = -0.2;
  replies.at(-1)!([[Buffer.from('1'), Buffer.from('5000')], 1], 1020);
  await sent;
  assert.equal(heard, [1010, 1010, 1010]);
});

test.run();
