import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/ledger/ledger.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { planScenario } from '../../src/load/plan.ts';
import type { LoadClock } from '../../src/load/session-sender.ts';
import { WriteLane } from '../../src/load/write-lane.ts';
import { ServerClock, sampleClock } from '../../src/redis/clock.ts';
import { RunClock } from '../../src/run/run-clock.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let server: TestRedis;
let lane: WriteLane;

test.before.each(async () => {
  server = await startRedis();
  lane = await WriteLane.open(server.endpoint, () => {});
});
test.after.each(async () => {
  lane.close();
  await server.stop();
});

const keyOf = (index: number): string => `key:s${index}`;

/** A lane, and what waited in it to leave at most. */
function watch(watched: WriteLane): { lane: WriteLane; mostBytes: () => number } {
  let mostBytes = 0;
  const lane = new Proxy(watched, {
    get(target, name) {
      if (name === 'reserve') mostBytes = Math.max(mostBytes, target.unsentBytes);
      const value = target[name as keyof WriteLane] as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { lane, mostBytes: () => mostBytes };
}

/** Runs a scenario's load on a clock, to the last reply. */
async function play(written: object, clock: LoadClock, startMs: number, on: WriteLane = lane) {
  const scenario = parseScenario(written);
  const plan = planScenario(scenario);
  const rules = { tellsNew: false, dropsPast: false, leastLagMs: 1 };
  const ledger = new Ledger(plan.sessions, scenario.cohorts.length, rules, 100_000);
  const load = new OpenLoop({
    scenario,
    plan,
    segment: { index: 1, of: 1 },
    ledger,
    lane: on,
    clock,
    prefix: 'key:',
    canPexpiretime: true,
    startMs,
    beat: () => ledger.fence(on.sent - on.inFlight),
  });
  await load.run(new AbortController().signal);
  await lane.drained(1);
  ledger.fence(lane.sent);
  return { plan, ledger, load };
}

test('what was planned before the end is sent after it, when the generator has been held up, and as late', async () => {
  const durationMs = 2000;
  const activity = { every: '300ms', for: '1s' };
  const cohorts = { a: { arrivals: '1500/s', ttl: '1h', activity, refresh: 'getex' } };
  // A clock that stands at the start for a while, then is past the end.
  let looks = 0;
  const nowMs = (): number => (looks++ < 3 ? 0 : durationMs + 100);
  const clock = { epochMs: Date.now(), errorMs: 0, nowMs, fromMono: () => 0 };
  const { plan, load } = await play({ duration: `${durationMs}ms`, cohorts }, clock, 0);
  assert.is(load.attempted, plan.sessions);
  assert.is(await server.client().dbsize(), plan.sessions);
  assert.ok(load.slip.count > 1.5 * plan.sessions, `${load.slip.count} with the requests`);
  assert.ok(load.slip.maxUs! > 0.95 * durationMs * 1000, `${load.slip.maxUs} µs`);
});

test('a load that takes more than twice its time is given up', async () => {
  const clock = { epochMs: Date.now(), errorMs: 0, nowMs: () => 2001, fromMono: () => 0 };
  const { plan, load } = await play({ duration: '1s', cohorts: { a: { arrivals: '9000/s', ttl: '1h' } } }, clock, 0);
  assert.ok(load.attempted < plan.sessions, `${load.attempted} of ${plan.sessions}`);
});

test('while the server takes nothing, arrivals wait their turn and not in memory, and the slip tells of it', async () => {
  const beganMs = performance.now();
  process.kill(server.pid, 'SIGSTOP');
  const nowMs = (): number => {
    const sinceMs = performance.now() - beganMs;
    if (sinceMs > 700) process.kill(server.pid, 'SIGCONT');
    return sinceMs;
  };
  const clock = { epochMs: Date.now(), errorMs: 0, nowMs, fromMono: () => 0 };
  const watched = watch(lane);
  const cohorts = { a: { arrivals: '20000/s', ttl: '1h', payload: '2kB' } };
  const { plan, load } = await play({ duration: '1s', cohorts }, clock, 0, watched.lane);
  assert.is(load.created, plan.sessions);
  assert.ok(watched.mostBytes() < 5 * 1024 * 1024, `${watched.mostBytes()} bytes waited`);
  assert.ok(load.slip.maxUs! > 100_000, `${load.slip.maxUs} µs`);
  assert.ok(load.heldUpMs > 100, `${load.heldUpMs} ms`);
});

for (const store of [
  'connect-redis',
  'hash',
  'better-auth',
  'spring-indexed',
  { string: { creation: 'set-then-expire' } },
]) {
  test(`${JSON.stringify(store)}: what is sent so late that its herd is due already is made all the same`, async () => {
    const clock = { epochMs: Date.now(), errorMs: 0, nowMs: () => 3500, fromMono: () => 3500 };
    const cohorts = { a: { arrivals: '100/s', ttl: { together: '2001ms' }, store } };
    const { plan, ledger, load } = await play({ duration: '2s', cohorts }, clock, 0);
    assert.is(load.created, plan.sessions);
    assert.equal([...load.sender.errors], []);
    assert.is(ledger.present, plan.sessions);
  });
}

for (const store of ['koa-session', 'spring-indexed']) {
  test(`${store}: a visitor whom the store turns away found the session gone, and that does not end it`, async () => {
    // The clock stands while sessions are made, then is past their deadline; their keys live longer.
    let looks = 0;
    const nowMs = (): number => (looks++ < 12 ? 600 : 2001);
    const fromMono = (): number => (looks < 12 ? 600 : 2001);
    const clock = { epochMs: Date.now(), errorMs: 0, nowMs, fromMono };
    const activity = { every: '400ms', for: '10s' };
    const cohorts = { a: { arrivals: '20/s', ttl: '1s', activity, store } };
    const { ledger } = await play({ duration: '2s', cohorts }, clock, 0);
    const [tally] = ledger.tallies;
    assert.ok(tally!.counts.foundGone > 0, `${tally!.counts.foundGone}`);
    assert.is(tally!.counts.foundGoneEarly, 0);
    assert.is(tally!.outcomes.lost, 0);
  });
}

test('a fill with large sessions does not hold all of them in memory at once', async () => {
  const scenario = parseScenario({ duration: '1s', cohorts: { a: { sessions: 300, ttl: '1h', payload: '4MB' } } });
  const plan = planScenario(scenario);
  const ledger = new Ledger(plan.sessions, 1, { tellsNew: false, dropsPast: false, leastLagMs: 1 }, 100_000);
  const client = server.client();
  await client.config('SET', 'maxmemory', '50mb');
  const clock = { epochMs: Date.now(), errorMs: 0, nowMs: () => 0, fromMono: () => 0 };
  const segment = { index: 1, of: 1 };
  const watched = watch(lane);
  const options = { scenario, plan, segment, ledger, clock, prefix: 'key:', canPexpiretime: true, startMs: 0 };
  const load = new OpenLoop({ ...options, lane: watched.lane, beat: () => {} });
  await load.fill(new AbortController().signal);
  ledger.fence(lane.sent);
  assert.is(load.attempted, 300);
  assert.ok(watched.mostBytes() < 12 * 1024 * 1024, `${watched.mostBytes()} bytes waited`);
  const { refused } = ledger.tallies[0]!.outcomes;
  assert.is(refused + ledger.present, 300);
  assert.is(load.sender.errors.get('OOM'), refused);
});

test('the deadline of a touch is known to within the error stated, and that is small', async () => {
  const redis = server.client();
  const serverClock = new ServerClock();
  await sampleClock(redis, serverClock, 20);
  const clock = new RunClock(serverClock);
  const activity = { every: '100ms', for: '400ms' };
  const cohorts = { a: { arrivals: '100/s', ttl: '1h', activity, refresh: 'touch' } };
  const { plan, ledger } = await play({ duration: '1s', cohorts }, clock, clock.nowMs());
  const errorsMs: number[] = [];
  for (let index = 0; index < plan.sessions; index++) {
    const statedMs = ledger.rows.deadlineErrorMs(index);
    if (statedMs === 0) continue;
    const deadlineMs = Number(await redis.call('PEXPIRETIME', keyOf(index))) - clock.epochMs;
    const errorMs = Math.abs(deadlineMs - ledger.rows.deadlineMs[index]!);
    assert.ok(errorMs <= statedMs, `off by ${errorMs} ms, ± ${statedMs} stated`);
    errorsMs.push(errorMs);
  }
  assert.ok(errorsMs.length > 50, `${errorsMs.length} touched`);
  errorsMs.sort((a, b) => a - b);
  assert.ok(errorsMs[errorsMs.length >> 1]! <= 1, 'half of them to the ms');
});

test.run();
