import { Ledger } from '../ledger/ledger.ts';
import type { ServerRules } from '../ledger/server-rules.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { type Plan, planScenario } from '../load/plan.ts';
import type { WriteLane } from '../load/write-lane.ts';
import { mean } from '../scenario/distribution.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { cleanUp } from './clean-up.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';
import { runLengthMs } from './run-length.ts';
import { measureSessions, type SessionMemory } from './session-memory.ts';

const SESSIONS = 10_000;
const MOST_BYTES = 10_000_000;
const TTL_MS = 60_000;
/** The server's table grows while it is filled, and others use the machine: the fill is given so much more time. */
const MARGIN = 2;
const ROUNDS = 4;

/** What a few sessions of the run's own, gone afterwards, show of the server. */
export interface Trial {
  /** Of a creation, one after the other in a pipeline. */
  sessionMs: number;
  /** What a session of each cohort takes on the server beside its payload; `null` where it does not tell. */
  overheadBytes: (number | null)[];
  /** Of a session as they fill the server, its payload included; `null` where the server does not tell. */
  meanSessionBytes: number | null;
  meanPayloadBytes: number;
}

export interface TrialOptions {
  scenario: Scenario;
  rules: ServerRules;
  lane: WriteLane;
  clock: RunClock;
  keys: RunKeys;
  canPexpiretime: boolean;
  /** Done when a lane that was lost is there again, or given up. */
  reopened: () => Promise<void>;
}

/** One rehearsal. */
interface Round {
  plan: Plan;
  sessionMs: number;
  memory: SessionMemory;
}

/**
 * Rehearses the fill: sessions as the cohorts make them, under names that nobody observes. Several times, of which the
 * fastest counts, because the code that makes them is slow until it is compiled, which it then is when the measurement
 * begins. Of what a key takes beyond its MEMORY USAGE the median counts, because others use the server too.
 */
export async function tryServer(options: TrialOptions): Promise<Trial> {
  const rehearsed = rehearsalOf(options.scenario);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await rehearse(rehearsed, options));
  const { plan, memory } = rounds.at(-1)!;
  const leftOutBytes = median(rounds.flatMap(({ memory }) => memory.leftOutBytes ?? []));
  const overheadBytes = memory.cohorts.map((of) => of && of.bytes + of.ownKeys * Math.max(0, leftOutBytes));
  let [payloads, sessionBytes] = [0, 0 as number | null];
  for (let index = 0; index < plan.sessions; index++) {
    const payload = plan.payloadBytes(index);
    const overhead = overheadBytes[plan.cohortOf(index)] ?? null;
    payloads += payload;
    sessionBytes = sessionBytes === null || overhead === null ? null : sessionBytes + overhead + payload;
  }
  return {
    sessionMs: Math.min(...rounds.map(({ sessionMs }) => sessionMs)),
    overheadBytes,
    meanSessionBytes: sessionBytes && sessionBytes / plan.sessions,
    meanPayloadBytes: payloads / plan.sessions,
  };
}

/** How long filling the cohorts will take, ms. */
export function fillTimeMs({ cohorts }: Scenario, { sessionMs }: Trial): number {
  return cohorts.reduce((sum, { population }) => sum + filledOf(population), 0) * sessionMs * MARGIN;
}

async function rehearse(
  scenario: Scenario,
  { rules, lane, clock, keys, canPexpiretime, reopened }: TrialOptions,
): Promise<Round> {
  const plan = planScenario(scenario);
  const ledger = new Ledger(plan.sessions, scenario.cohorts.length, rules, runLengthMs(scenario));
  const own = keys.rehearsal(plan.sessions);
  const load = new OpenLoop({
    scenario,
    plan,
    segment: { index: 1, of: 1 },
    ledger,
    lane,
    clock,
    prefix: own.prefix,
    canPexpiretime,
    startMs: clock.nowMs(),
    beat: () => {},
  });
  const began = performance.now();
  await load.fill(new AbortController().signal);
  const sessionMs = (performance.now() - began) / plan.sessions;
  ledger.fence(lane.sent);
  // Whatever has become of them by now, they may be there.
  ledger.giveUp();
  await reopened();
  const there = { scenario, plan, ledger, keys: own, lane, clock };
  const memory = await measureSessions(there);
  await cleanUp({ ...there, canaryKeys: [] });
  return { plan, sessionMs, memory };
}

/** The cohorts filled with few sessions each, in the proportion in which they fill the server. */
function rehearsalOf(scenario: Scenario): Scenario {
  const filled = scenario.cohorts.reduce((sum, { population }) => sum + filledOf(population), 0);
  const sessions = Math.min(SESSIONS, MOST_BYTES / (meanPayloadOf(scenario) + 1));
  return {
    ...scenario,
    durationMs: TTL_MS,
    cohorts: scenario.cohorts.map((cohort): Cohort => {
      const share = filled > 0 ? filledOf(cohort.population) / filled : 1 / scenario.cohorts.length;
      return {
        ...cohort,
        population: { kind: 'filled', sessions: Math.max(1, Math.round(sessions * share)) },
        ttlMs: { kind: 'fixed', value: TTL_MS },
        activity: null,
      };
    }),
  };
}

function filledOf(population: Cohort['population']): number {
  return population.kind === 'filled' ? population.sessions : 0;
}

/** Of a filled session where there are such, because the fill's time is linear in the bytes; else of any. */
function meanPayloadOf({ cohorts }: Scenario): number {
  let sessions = 0;
  let bytes = 0;
  for (const { population, payloadBytes } of cohorts) {
    const weight = Math.max(filledOf(population), 1e-6);
    sessions += weight;
    bytes += weight * mean(payloadBytes);
  }
  return bytes / sessions;
}

/** 0 of none. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? 0 : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
