import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SessionSender } from '../../src/load/session-sender.ts';
import { Sweeper } from '../../src/load/sweeper.ts';
import type { Reply } from '../../src/redis/resp.ts';
import { LONGEST_RUN_MS } from '../../src/scenario/limits.ts';

const EVERY_MS = 20;

/** A sweeper whose sends are noted instead; `take` is called for each time that it takes a set. */
function sweeping(everyMs: number, nowUnixMs: () => number, take: (nowMs: number, reply: (to: Reply) => void) => void) {
  const asked: number[] = [];
  const numbers = { now: 0 };
  const sender = { numbers, sendFor: (_: unknown, onReply: (to: Reply) => void) => take(numbers.now, onReply) };
  const sweep = {
    everyMs,
    take: [],
    each: [],
    indexOf: (member: string) => (member === 'none' ? null : Number(member)),
  };
  const steps = { take: [], each: [] };
  const sweeper = new Sweeper(sweep, steps, sender as unknown as SessionSender, nowUnixMs, (index) =>
    asked.push(index),
  );
  return { sweeper, asked };
}

test('each period is swept once, and not before it has passed, although timers are ahead of the server’s clock', async () => {
  const began = performance.now();
  const nowUnixMs = (): number => 1_000_005 + (performance.now() - began) / 3;
  const taken: number[] = [];
  let done = (): void => {};
  const enough = new Promise<void>((resolve) => (done = resolve));
  const { sweeper } = sweeping(EVERY_MS, nowUnixMs, (nowMs) => {
    if (taken.push(nowMs) === 4) done();
  });
  sweeper.start();
  await enough;
  sweeper.stop();
  const periods = taken.map((nowMs) => Math.floor(nowMs / EVERY_MS) - Math.floor(1_000_005 / EVERY_MS));
  assert.equal(periods, [...new Set(periods)], `${periods}`);
  assert.ok(periods[0]! >= 1, `${periods}`);
});

test('each member is asked for; a reply that comes after the end, or none, is not acted upon', async () => {
  let answer: (to: Reply) => void = () => {};
  const { sweeper, asked } = await new Promise<ReturnType<typeof sweeping>>((resolve) => {
    const made = sweeping(EVERY_MS, Date.now, (_, reply) => {
      answer = reply;
      resolve(made);
    });
    made.sweeper.start();
  });
  answer([Buffer.from('3'), Buffer.from('none'), Buffer.from('5')]);
  answer(null);
  assert.equal(asked, [3, 5]);
  sweeper.stop();
  answer([Buffer.from('7')]);
  assert.equal(asked, [3, 5]);
});

test('a period that is longer than a timer reaches is not over at once', async () => {
  const { sweeper } = sweeping(
    2 * LONGEST_RUN_MS,
    () => 1,
    () => assert.unreachable(),
  );
  sweeper.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  sweeper.stop();
});

test.run();
