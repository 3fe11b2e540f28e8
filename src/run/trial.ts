import { Ledger } from '../ledger/ledger.ts';
import type { ServerRules } from '../ledger/server-rules.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { planScenario } from '../load/plan.ts';
import type { WriteLane } from '../load/write-lane.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import { mean } from '../scenario/distribution.ts';
import type { Cohort, Scenario } from '../scenario/scenario.ts';
import { cleanUp } from './clean-up.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';

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
  /** MEMORY USAGE of a key without a payload, and with the mean one; `null` where the server does not tell. */
  emptyKeyBytes: number | null;
  meanKeyBytes: number | null;
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

/**
 * Rehearses the fill: sessions as the cohorts make them, under names that nobody observes. Several times, of which the
 * fastest counts, because the code that makes them is slow until it is compiled, which it then is when the measurement begins.
 */
export async function tryServer(options: TrialOptions): Promise<Trial> {
  const { scenario, lane, keys } = options;
  const rehearsed = rehearsalOf(scenario);
  let sessionMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) sessionMs = Math.min(sessionMs, await rehearse(rehearsed, options));
  const meanPayloadBytes = Math.round(meanPayloadOf(scenario));
  const key = keys.checked(0);
  const usage = async (payload: string): Promise<number | null> => {
    lane.send(['SET', key, payload, 'PX', String(TTL_MS)], () => {});
    return await usageOf(lane, key);
  };
  const meanKeyBytes = await usage('x'.repeat(meanPayloadBytes));
  const emptyKeyBytes = await usage('');
  lane.send(['DEL', key], () => {});
  await lane.drained(1);
  return { sessionMs, emptyKeyBytes, meanKeyBytes, meanPayloadBytes };
}

/** How long filling the cohorts will take, ms. */
export function fillTimeMs({ cohorts }: Scenario, { sessionMs }: Trial): number {
  return cohorts.reduce((sum, { population }) => sum + filledOf(population), 0) * sessionMs * MARGIN;
}

/** @returns the time of a session, ms */
async function rehearse(
  scenario: Scenario,
  { rules, lane, clock, keys, canPexpiretime, reopened }: TrialOptions,
): Promise<number> {
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
  await cleanUp({ scenario, plan, ledger, keys: own, lane, clock, canaryKeys: [] });
  return sessionMs;
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

function usageOf(lane: WriteLane, key: string): Promise<number | null> {
  return new Promise((resolve) => {
    lane.send(['MEMORY', 'USAGE', key], (reply: Reply | undefined) => {
      resolve(reply instanceof ReplyError || typeof reply !== 'number' ? null : reply);
    });
    lane.flush();
  });
}
