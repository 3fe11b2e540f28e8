/** One measurement, in a process of its own: `child.ts NAME OPTIONS`; prints its figures as JSON. */
import { spawn } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Rows } from '../../src/ledger/rows.ts';
import { SessionSender } from '../../src/load/session-sender.ts';
import { Endpoint } from '../../src/metrics/endpoint.ts';
import { inspect } from '../../src/redis/inspect.ts';
import { feedOf } from '../../src/run/feed-of.ts';
import { LOOP_DELAY_PERIOD_MS } from '../../src/run/loop-delay.ts';
import { run } from '../../src/run/run.ts';
import { RunWatch } from '../../src/run/run-watch.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import { type StoreName, usualStore } from '../../src/scenario/store.ts';
import { storeProfile } from '../../src/stores/index.ts';
import type { Operation } from '../../src/stores/profile.ts';
import { type Rig, startRig, startSampler } from './rig.ts';

const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;
const BITE = 64;
const WINDOW = 8_192;
const PAYLOAD_BYTES = 200;

const MEASUREMENTS = { create, refresh, watched, store, herd, bareHerd, slip, wholeRun, rows };

export type Measurement = keyof typeof MEASUREMENTS;
export interface Figures {
  [figure: string]: number | string | boolean | null;
}

const endpointOf = (port: number) => ({ host: '127.0.0.1', port, db: 0, tls: false });

/** Wall and processor time, all threads, of what is done. */
async function timed(work: () => Promise<unknown>): Promise<{ seconds: number; cpuSeconds: number }> {
  const [cpu, began] = [process.cpuUsage(), performance.now()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** Sessions that are created as fast as the server takes them: in a fill, or arriving at a rate beyond that. */
async function create({ port, sessions, how }: { port: number; sessions: number; how: string }): Promise<Figures> {
  const isFill = how === 'fill';
  const perSecond = 650_000;
  const cohort = { ttl: '1h', payload: PAYLOAD_BYTES };
  const written = {
    duration: isFill ? '1s' : `${Math.ceil((sessions / perSecond) * 1000)}ms`,
    cohorts: {
      a: isFill
        ? { ...cohort, sessions }
        : { ...cohort, arrivals: { rate: `${perSecond}/s`, process: 'constant' as const } },
    },
  };
  const rig = await startRig(endpointOf(port), written, isFill ? HOUR_MS : 0);
  const took = await timed(async () => {
    await (isFill ? rig.load.fill(NEVER) : rig.load.run(NEVER));
    await rig.settled();
  });
  const { created } = rig.load;
  const distinct = await rig.control.dbsize();
  const { present } = rig.ledger;
  await rig.close();
  return { ...took, sessions: created, distinct, present };
}

/** An operation of a store for each of so many sessions, as fast as the server takes them. */
async function sendEach(rig: Rig, sender: SessionSender, steps: Parameters<SessionSender['send']>[0], count: number) {
  const { numbers } = sender;
  for (let index = 0; index < count; index++) {
    if (index % BITE === 0) {
      numbers.now = Math.round(rig.clock.nowMs() + rig.clock.epochMs);
      numbers.ttl = HOUR_MS;
      numbers.deadline = numbers.now + HOUR_MS;
      numbers.formerDeadline = numbers.deadline;
      numbers.payloadBytes = PAYLOAD_BYTES;
      rig.pulse.beat();
      if (rig.lane.inFlight > WINDOW) await rig.lane.drained(WINDOW / 2);
    }
    numbers.index = index;
    numbers.user = index;
    sender.send(steps, index, 0);
  }
  await rig.settled();
}

function senderOf(rig: Rig): SessionSender {
  const payload = Buffer.alloc(PAYLOAD_BYTES, 'x');
  return new SessionSender({
    ledger: rig.ledger,
    lane: rig.lane,
    clock: rig.clock,
    prefix: rig.prefix,
    canPexpiretime: true,
    writePayload: (_numbers, target, at) => target.set(payload, at),
    onAnswer: () => {},
  });
}

/** Touches of sessions that are there, each once. */
async function refresh({ port, sessions }: { port: number; sessions: number }): Promise<Figures> {
  const cohorts = { a: { sessions, ttl: '1h', payload: PAYLOAD_BYTES } };
  const rig = await startRig(endpointOf(port), { duration: '1s', cohorts }, HOUR_MS);
  await rig.load.fill(NEVER);
  await rig.settled();
  const sender = senderOf(rig);
  const { refreshes } = sender.ready(storeProfile({ name: 'string', creation: 'setex' }));
  const took = await timed(() => sendEach(rig, sender, refreshes.touch!, sessions));
  const { present } = rig.ledger;
  await rig.close();
  return { ...took, sessions, present };
}

/** In this order machine and server drift alike for both: watched or not. */
const ABBA = [true, false, false, true];
/** Of the sessions, so that a window lasts some scrapes. */
const PASSES = 2;
const WARMING_SCRAPES = 100;

/**
 * Touches a second in windows of one run, in which it is watched or not.
 * Whoever watches finds the endpoint at `watchedAt` while it is there.
 */
async function watched({
  port,
  sessions,
  cycles,
  watchedAt,
}: {
  port: number;
  sessions: number;
  cycles: number;
  watchedAt: number;
}): Promise<Figures> {
  const endpoint = endpointOf(port);
  const cohorts = { a: { sessions, ttl: '1h', payload: PAYLOAD_BYTES } };
  const rig = await startRig(endpoint, { duration: '1s', cohorts }, HOUR_MS);
  await rig.load.fill(NEVER);
  await rig.settled();
  const sender = senderOf(rig);
  const { refreshes } = sender.ready(storeProfile({ name: 'string', creation: 'setex' }));
  const sampler = await startSampler(endpoint, 1_000);
  const loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_PERIOD_MS });
  const facts = await inspect(rig.control, endpoint);
  const trial = { sessionMs: 0, overheadBytes: [100], meanSessionBytes: null, meanPayloadBytes: PAYLOAD_BYTES };
  const feed = feedOf({ run: 'be4c4a11', endpoint, facts, trial, ...rig });
  const shown = { scenario: 'bench', cohorts: ['a'], thresholds: [] };
  const found: { wall: number; processor: number }[] = [];
  const took = async (isWatched: boolean): Promise<{ seconds: number; cpuSeconds: number }> => {
    const address = { host: '127.0.0.1', port: watchedAt };
    const open = isWatched ? await Endpoint.open({ address, shown, ui: true }, () => {}) : null;
    const watch = open === null ? null : new RunWatch(open, feed, rig.observer, () => standing());
    watch?.tell();
    // In a run its thread is compiled once, at the beginning, and not once a window.
    for (let scrape = 0; open !== null && scrape < WARMING_SCRAPES; scrape++) {
      await (await fetch(`${open.url}/metrics`)).text();
    }
    // Those who watch look for it each half second.
    await delay(1_500);
    const used = await timed(async () => {
      for (let pass = 0; pass < PASSES; pass++) await sendEach(rig, sender, refreshes.touch!, sessions);
    });
    watch?.close();
    await open?.close();
    return used;
  };
  const standing = () => ({
    ...rig,
    phase: 'measure' as const,
    phases: [],
    elapsedMs: 0,
    remainingMs: null,
    cutOffMs: null,
    facts,
    sampler,
    mainLoopDelay: loopDelay,
    processorShare: 1,
    serverEnded: null,
    laneCuts: [],
  });
  await took(true);
  for (let cycle = 0; cycle < cycles; cycle++) {
    const [seen, unseen] = [
      { seconds: 0, cpuSeconds: 0 },
      { seconds: 0, cpuSeconds: 0 },
    ];
    for (const isWatched of ABBA) {
      const { seconds, cpuSeconds } = await took(isWatched);
      const sum = isWatched ? seen : unseen;
      sum.seconds += seconds;
      sum.cpuSeconds += cpuSeconds;
    }
    found.push({ wall: unseen.seconds / seen.seconds, processor: unseen.cpuSeconds / seen.cpuSeconds });
  }
  await sampler.cutOff();
  await rig.close();
  return {
    wall: found.map(({ wall }) => wall).join(','),
    processor: found.map(({ processor }) => processor).join(','),
  };
}

/** Creations, then reads, then a store's own refreshes, of so many sessions. */
async function store({ port, of, sessions }: { port: number; of: StoreName; sessions: number }): Promise<Figures> {
  const profile = storeProfile(usualStore(of));
  const cohorts = { a: { sessions, ttl: '1h', payload: PAYLOAD_BYTES } };
  const rig = await startRig(endpointOf(port), { duration: '1s', cohorts }, HOUR_MS);
  const sender = senderOf(rig);
  const ready = sender.ready(profile);
  const refreshOf = ready.refreshes.touch ?? ready.refreshes.rewrite!;
  const operations: Operation[] = [profile.create, profile.read, profile.refreshes.touch ?? profile.refreshes.rewrite!];
  const took = await timed(async () => {
    for (const steps of [ready.create, ready.read, refreshOf]) await sendEach(rig, sender, steps, sessions);
  });
  await rig.close();
  return { ...took, commands: sessions * operations.flat().length };
}

/** A herd that falls due together: from its deadline to the last event heard and settled. */
async function herd({ port, sessions }: { port: number; sessions: number }): Promise<Figures> {
  const rig = await fillHerd(port, sessions);
  const reportBefore = await rig.observer.report();
  await delay(rig.startMs + 1000 - rig.clock.nowMs());
  const outcomes = rig.ledger.tallies[0]!.outcomes;
  while (outcomes.expired < sessions && rig.pulse.gaps.length === 0) await delay(1);
  const lastMs = rig.clock.nowMs();
  const report = await rig.observer.report();
  const messages = report.messages - reportBefore.messages;
  const lost = sessions - outcomes.expired;
  const reason = rig.pulse.gaps[0]?.reason ?? null;
  const observerCpuMs = report.cpuMs === null ? null : report.cpuMs - reportBefore.cpuMs!;
  await rig.close();
  return {
    seconds: (lastMs - rig.startMs - 1000) / 1000,
    lost,
    messages,
    observerUsAMessage: observerCpuMs === null ? null : (observerCpuMs * 1000) / messages,
    reason,
  };
}

/** The same for a subscriber that counts bytes and throws them away. */
async function bareHerd({ port, sessions }: { port: number; sessions: number }): Promise<Figures> {
  const rig = await fillHerd(port, sessions);
  await rig.observer.stop();
  const channel = '__keyevent@0__:expired';
  let bytes = 0;
  for (let index = 0; index < sessions; index++) {
    const key = rig.prefix.length + 1 + String(index).length;
    bytes += `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$${key}\r\n\r\n`.length + key;
  }
  const script = `import socket,sys
port,channel,expected=int(sys.argv[1]),sys.argv[2],int(sys.argv[3])
s=socket.create_connection(('127.0.0.1',port))
s.sendall(b'SUBSCRIBE '+channel.encode()+b'\\r\\n')
s.recv(4096)
print('ready',flush=True)
buffer=bytearray(1<<17)
got=0
while got<expected:
  n=s.recv_into(buffer)
  if n==0: break
  got+=n
print('done',flush=True)`;
  const subscriber = spawn('python3', ['-c', script, String(port), channel, String(bytes)]);
  const said = createInterface({ input: subscriber.stdout })[Symbol.asyncIterator]();
  await said.next();
  await said.next();
  const lastMs = rig.clock.nowMs();
  await rig.close();
  return { seconds: (lastMs - rig.startMs - 1000) / 1000 };
}

async function fillHerd(port: number, sessions: number): Promise<Rig> {
  const cohorts = { a: { sessions, ttl: { together: '1s' }, payload: 10 } };
  const rig = await startRig(endpointOf(port), { duration: '10s', cohorts }, 4_000 + sessions / 150);
  await rig.load.fill(NEVER);
  await rig.settled();
  if (rig.clock.nowMs() > rig.startMs + 500) throw new Error('the fill took longer than its time');
  return rig;
}

/** How late requests leave at a rate, with a duration for the plan. */
async function slip({
  port,
  perSecond,
  seconds,
}: {
  port: number;
  perSecond: number;
  seconds: number;
}): Promise<Figures> {
  const cohorts = { a: { arrivals: `${Math.round(perSecond)}/s`, ttl: '1h', payload: PAYLOAD_BYTES } };
  const rig = await startRig(endpointOf(port), { duration: `${seconds}s`, cohorts }, 200);
  await rig.load.run(NEVER);
  await rig.settled();
  const { slip: late, created } = rig.load;
  await rig.close();
  return { sessions: created, p50Ms: late.percentileUs(50)! / 1000, p99Ms: late.percentileUs(99)! / 1000 };
}

/** A whole run of a scenario on a server of its own. */
async function wholeRun({ written }: { written: unknown }): Promise<Figures> {
  const began = performance.now();
  const { verdict, totals, phases, serverUse } = await run(parseScenario(written));
  const { outcomes, attempted } = totals;
  return {
    seconds: (performance.now() - began) / 1000,
    fillSeconds: phases.fill ?? 0,
    attempted,
    expired: outcomes.expired,
    stale: outcomes.stale,
    lost: outcomes.lost,
    unknown: outcomes.unknown,
    lawHolds: Object.values(outcomes).reduce((sum, count) => sum + count, 0) === attempted,
    verdict: verdict.state,
    reasons: verdict.reasons.join('; '),
    p50: totals.expiryLagSeconds.p50,
    max: totals.expiryLagSeconds.max,
    serverPeakBytes: serverUse.peakUsedMemoryBytes,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
}

async function rows({ sessions }: { sessions: number }): Promise<Figures> {
  return { bytesASession: new Rows(sessions).buffer.byteLength / sessions };
}

const [name, text] = process.argv.slice(2);
const figures = await MEASUREMENTS[name as Measurement](JSON.parse(text!) as never);
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exit(0);
