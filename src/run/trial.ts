import { Ledger } from '../ledger/ledger.ts';
import type { ServerRules } from '../ledger/server-rules.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { planScenario } from '../load/plan.ts';
import type { WriteLane } from '../load/write-lane.ts';
import { mean } from '../scenario/distribution.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { cleanUp } from './clean-up.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';
import { overheadOf, usedMemory } from './session-memory.ts';

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
  sessionMs: number;
  overheadBytes: (number | null)[];
  /** By which the server's used memory fell when the sessions were deleted, a session. */
  freedBytes: number | null;
  sessions: number;
  sessionsOf: number[];
  payloadBytes: number;
}

/**
 * Rehearses the fill: sessions as the cohorts make them, under names that nobody observes. Several times, of which the
 * fastest counts, because the code that makes them is slow until it is compiled, which it then is when the measurement begins.
 *
 * What a session takes is asked by MEMORY USAGE. That leaves out a part of a key's places in the server's tables, which
 * differs between servers (Redis 7.0: 40 bytes): it is what their deletion freed beyond it, the median of the rounds.
 */
export async function tryServer(options: TrialOptions): Promise<Trial> {
  const rehearsed = rehearsalOf(options.scenario);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await rehearse(rehearsed, options));
  const { sessions, sessionsOf, payloadBytes, overheadBytes } = rounds.at(-1)!;
  const meanPayloadBytes = payloadBytes / sessions;
  const weighed = overheadBytes.map((bytes, cohort) => (bytes === null ? null : bytes * sessionsOf[cohort]!));
  const told = weighed.every((bytes) => bytes !== null);
  const usageBytes = told ? weighed.reduce((sum, bytes) => sum + bytes, 0) / sessions + meanPayloadBytes : null;
  const freedBytes = median(rounds.flatMap(({ freedBytes }) => freedBytes ?? []));
  // Where others freed or took memory meanwhile, less may have been freed than the sessions took.
  const leftOut = usageBytes === null || freedBytes === null ? 0 : Math.max(0, freedBytes - usageBytes);
  return {
    sessionMs: Math.min(...rounds.map(({ sessionMs }) => sessionMs)),
    overheadBytes: overheadBytes.map((bytes) => (bytes === null ? null : bytes + leftOut)),
    meanSessionBytes: usageBytes === null ? null : usageBytes + leftOut,
    meanPayloadBytes,
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
  const ledger = new Ledger(plan.sessions, scenario.cohorts.length, rules);
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
  const overheadBytes = await overheadOf(there);
  const before = await usedMemory(lane);
  await cleanUp({ ...there, canaryKeys: [] });
  const after = await usedMemory(lane);
  const sessions = plan.sessions;
  const sessionsOf = scenario.cohorts.map((_, cohort) => {
    const { first, end } = plan.rangeOf(cohort);
    return end - first;
  });
  let payloadBytes = 0;
  for (let index = 0; index < sessions; index++) payloadBytes += plan.payloadBytes(index);
  const freedBytes = before === null || after === null ? null : (before - after) / sessions;
  return { sessionMs, overheadBytes, freedBytes, sessions, sessionsOf, payloadBytes };
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

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? null : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
