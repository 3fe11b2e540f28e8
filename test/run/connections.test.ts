/** A run whose server, or whose connections to it, fail in the middle. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { play } from './play.ts';

test('the subscription is cut: a gap, told with its reason', async () => {
  const { result } = await play((client) => client.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
  const [gap] = result.instrument.gaps;
  assert.ok(gap && gap.toMs! > gap.fromMs, JSON.stringify(gap));
  assert.is(result.totals.outcomes.lost, 0);
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /events may have been missed/);
});

test('cut while sessions expire: what the gap may have hidden is unknown, not lost', async () => {
  const { result } = await play(async (client) => {
    // The observer is kept out for a while, by a user that may not subscribe.
    await client.call('ACL', 'SETUSER', 'default', 'resetchannels');
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
    setTimeout(() => void client.call('ACL', 'SETUSER', 'default', 'allchannels'), 700);
  });
  assert.ok(result.totals.outcomes.unknown > 0, JSON.stringify(result.totals.outcomes));
  assert.is(result.totals.outcomes.lost, 0);
});

test('every connection is killed: the load comes back, and the verdict says so', async () => {
  const { result } = await play((client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /the connection of the load was lost/);
  assert.is(result.cohorts.idle!.outcomes.alive, 500);
});

test('the connection is lost during the fill: what was never sent is told', async () => {
  const { result } = await play(() => {}, {
    cohorts: { idle: { sessions: 400_000, ttl: '1h' } },
    inFill: (client) => client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  });
  const { attempted } = result.totals;
  assert.ok(attempted < 400_000, `${attempted} attempted`);
  assert.is(result.verdict.state, 'invalid');
  assert.match(
    result.verdict.reasons.join(),
    new RegExp(`${400_000 - attempted} sessions that were planned were never`),
  );
});

test('killed: the rest is unknown, and the verdict says why', async () => {
  const { result } = await play((_client, { pid }) => process.kill(pid, 'SIGKILL'));
  assert.is(result.cohorts.idle!.outcomes.unknown, 500);
  assert.is(result.verdict.state, 'invalid');
  assert.match(result.verdict.reasons.join(), /could not be reached to the end/);
});

test('the connection is lost while the rest is read after the cut-off: unknown, and the verdict says so', async () => {
  const { ask } = OpenLoop.prototype;
  let asked = 0;
  try {
    const { result } = await play((client) => {
      OpenLoop.prototype.ask = function (...args) {
        if (++asked === 100) void client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        ask.apply(this, args);
      };
    });
    assert.ok(result.totals.outcomes.unknown > 0, JSON.stringify(result.totals.outcomes));
    assert.is(result.verdict.state, 'invalid');
    assert.match(result.verdict.reasons.join(), /could not be asked what had become of \d+ sessions/);
  } finally {
    OpenLoop.prototype.ask = ask;
  }
});

test('the control connection is lost: made anew, and the clock is still watched', async () => {
  const { result } = await play(async (client) => {
    const clients = String(await client.call('CLIENT', 'LIST', 'TYPE', 'normal')).split('\n');
    const control = clients.find((line) => / name=ttlscope /.test(line))!;
    await client.call('CLIENT', 'KILL', 'ID', /^id=(\d+)/.exec(control)![1]!);
  });
  assert.is(result.verdict.state, 'valid', result.verdict.reasons.join('; '));
  assert.ok(result.instrument.clockErrorMs < 10);
});

test('paused: measured as it was, with a remark', async () => {
  const { result } = await play((client) => void client.call('CLIENT', 'PAUSE', 2300, 'ALL'));
  assert.is(result.totals.outcomes.lost + result.totals.outcomes.unknown, 0);
  assert.match(result.verdict.reasons.join(), /answered nothing for 2\.\d s/);
});

test.run();
