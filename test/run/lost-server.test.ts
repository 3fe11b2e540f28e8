/** A run whose server ends or stops, or is lost before or after the measurement. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { play } from './play.ts';

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
