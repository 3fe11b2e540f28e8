/** A run whose connections to the server are cut in the middle of it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
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

test.run();
