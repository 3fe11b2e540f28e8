import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WriteLane } from '../../src/load/write-lane.ts';
import type { Reply } from '../../src/redis/resp.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let lane: WriteLane;
let cuts: string[];

test.before.each(async () => {
  server = await startRedis();
  cuts = [];
  lane = await WriteLane.open(server.endpoint, (reason) => cuts.push(reason));
});
test.after.each(async () => {
  lane.close();
  await server.stop();
});

const ask = (...args: string[]): Promise<Reply | undefined> => new Promise((resolve) => lane.send(args, resolve));

test('commands are executed and answered in the order of sending', async () => {
  const replies = Promise.all(Array.from({ length: 3000 }, () => ask('INCR', 'n')));
  assert.is(lane.sent, 3000);
  lane.flush();
  assert.equal(
    await replies,
    Array.from({ length: 3000 }, (_, i) => i + 1),
  );
  assert.is(lane.inFlight, 0);
});

test('a command sent from a reply’s callback leaves without another flush', async () => {
  const second = new Promise<Reply | undefined>((resolve) => {
    lane.send(['SET', 'key', 'value'], () => lane.send(['GETDEL', 'key'], resolve));
  });
  lane.flush();
  assert.is(String(await second), 'value');
});

test('what waits when the connection is lost is unanswered, what is sent while it is too; then it can be made anew', async () => {
  const client = server.client();
  const kill = client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  const blocked = ask('BLPOP', 'nothing', '0');
  lane.flush();
  assert.is(await blocked, undefined);
  await kill;
  assert.is(lane.up, false);
  assert.is(await ask('PING'), undefined);
  assert.is(cuts.length, 1);
  await lane.reopen();
  const pong = ask('PING');
  lane.flush();
  assert.is(await pong, 'PONG');
});

test('closing it is no cut', async () => {
  const waiting = ask('PING');
  lane.close();
  assert.is(await waiting, undefined);
  assert.equal(cuts, []);
});

test.run();
