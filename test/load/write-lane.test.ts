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

test('what a callback sends when the connection is lost is unanswered in its turn, and no reply is out of place after', async () => {
  const told: string[] = [];
  const sendFor = (name: string, next?: () => void): void =>
    lane.send(['BLPOP', 'nothing', '0'], (reply) => {
      assert.is(reply, undefined);
      told.push(name);
      next?.();
    });
  sendFor('first', () => sendFor('from the first', () => sendFor('from that')));
  sendFor('second');
  sendFor('third', () => sendFor('from the third'));
  lane.flush();
  await server.client().call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await lane.drained(1);
  assert.equal(told, ['first', 'second', 'third', 'from the first', 'from the third', 'from that']);
  assert.is(lane.inFlight, 0);
  await lane.reopen();
  const replies = ['a', 'b'].map((text) => ask('ECHO', text));
  lane.flush();
  assert.equal((await Promise.all(replies)).map(String), ['a', 'b']);
});

test('values of 16 MiB among small ones arrive whole, and none is written over by what comes after it', async () => {
  const client = server.client();
  const sizes = [0, 1, 16 * 1024 * 1024, 10, 262_144, 65_536, 16 * 1024 * 1024, 262_100, 3];
  const replies = sizes.map((size, i) => ask('SET', `key${i}`, String.fromCharCode(97 + i).repeat(size)));
  assert.ok(lane.unsentBytes > 0);
  lane.flush();
  await Promise.all(replies);
  assert.is(lane.unsentBytes, 0);
  for (const [i, size] of sizes.entries()) {
    const value = await client.get(`key${i}`);
    assert.ok(value === String.fromCharCode(97 + i).repeat(size), `value ${i} of ${size} bytes`);
  }
});

test('closing it is no cut', async () => {
  const waiting = ask('PING');
  lane.close();
  assert.is(await waiting, undefined);
  assert.equal(cuts, []);
});

test.run();
