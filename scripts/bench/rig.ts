import type { Redis } from 'ioredis';
import { Ledger } from '../../src/ledger/ledger.ts';
import { OpenLoop } from '../../src/load/open-loop.ts';
import { type Plan, planScenario } from '../../src/load/plan.ts';
import { WriteLane } from '../../src/load/write-lane.ts';
import { Observer } from '../../src/observe/observer.ts';
import { ServerClock, sampleClock } from '../../src/redis/clock.ts';
import { connect } from '../../src/redis/connect.ts';
import type { Endpoint } from '../../src/redis/endpoint.ts';
import { Pulse } from '../../src/run/pulse.ts';
import { RunClock } from '../../src/run/run-clock.ts';
import { RunKeys } from '../../src/run/run-keys.ts';
import { runLengthMs } from '../../src/run/run-length.ts';
import { ServerSampler } from '../../src/run/server-sampler.ts';
import { tryServer } from '../../src/run/trial.ts';
import { parseScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';

/** A harness without the phases of a run: everything that works during one, ready to be timed part by part. */
export interface Rig {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly control: Redis;
  readonly ledger: Ledger;
  readonly load: OpenLoop;
  readonly lane: WriteLane;
  readonly pulse: Pulse;
  readonly clock: RunClock;
  readonly observer: Observer;
  readonly prefix: string;
  /** Start of the measurement, in run time. */
  readonly startMs: number;
  /** Resolves when all that was sent is answered, and final. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param written what a scenario's file would say
 * @param inMs the measurement begins so much later
 */
export async function startRig(endpoint: Endpoint, written: unknown, inMs: number): Promise<Rig> {
  const scenario = parseScenario(written);
  const segment = { index: 1, of: 1 };
  const plan = planScenario(scenario, segment);
  const keys = new RunKeys('be4c4a11', segment, plan.sessionsOfAll);
  const control = await connect(endpoint, { name: 'ttlscope' });
  const server = new ServerClock();
  await sampleClock(control, server, 20);
  const clock = new RunClock(server);
  const rules = { tellsNew: false, dropsPast: false, leastLagMs: 1 };
  const ledger = new Ledger(plan.sessions, scenario.cohorts.length, rules, runLengthMs(scenario));
  const lane = await WriteLane.open(endpoint, (reason) => {
    throw new Error(`the lane was lost: ${reason}`);
  });
  const pulse = new Pulse({
    ledger,
    lane,
    clock,
    keys,
    ownConnections: 3,
    db: endpoint.db,
    created: () => load.created,
    canPexpiretime: true,
    leastLagMs: 1,
    fieldWatch: null,
  });
  const observer = await Observer.start(
    { nodes: [{ endpoint }], keyPrefix: keys.prefix, events: ['expired', 'evicted', 'new'] },
    {
      events: (batch) => pulse.events(batch),
      cut: (node, _atMonoMs, reason) => pulse.cut(node, reason),
      restored: (node, atMonoMs) => pulse.restored(node, atMonoMs),
    },
  );
  await tryServer({ scenario, rules, lane, clock, keys, canPexpiretime: true, reopened: async () => {} });
  const startMs = clock.nowMs() + inMs;
  const load: OpenLoop = new OpenLoop({
    scenario,
    plan,
    segment,
    ledger,
    lane,
    clock,
    prefix: keys.prefix,
    canPexpiretime: true,
    startMs,
    beat: () => pulse.beat(),
  });
  if (!(await pulse.start())) throw new Error('the first fence was not heard');
  return {
    scenario,
    plan,
    control,
    ledger,
    load,
    lane,
    pulse,
    clock,
    observer,
    prefix: keys.prefix,
    startMs,
    settled: async () => {
      await lane.drained(1);
      await pulse.fences.send();
    },
    close: async () => {
      pulse.stop();
      lane.close();
      await observer.stop();
      control.disconnect();
    },
  };
}

/** A sampler at work, without a run. */
export async function startSampler(endpoint: Endpoint, everyMs: number): Promise<ServerSampler> {
  const control = await connect(endpoint, { name: 'ttlscope' });
  const server = new ServerClock();
  await sampleClock(control, server);
  control.disconnect();
  const sampler = await ServerSampler.open(endpoint, new RunClock(server), everyMs);
  sampler.measure();
  return sampler;
}
