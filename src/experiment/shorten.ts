import { type CohortForecast, forecast } from '../forecast/forecast.ts';
import type { Scenario, Threshold } from '../scenario/scenario.ts';
import { isOfEviction } from './goal-kinds.ts';

/** Sessions that are to fall due beyond a quantile for it to mean something. */
const BEYOND_QUANTILE = 10;
/** A mean, a median's kin or a maximum is taken of so many. */
const SAMPLE = 1000;
/** A lag is followed for so many times its bound, so that what misses it is told from what misses it by far. */
const FOLLOWED = 2;

/**
 * The scenario, its duration and its cut-off reduced to a share of what they are, but never below what the goals need:
 *
 * - of a lag: enough sessions fall due for its quantile, and are followed for twice its bound
 * - of sessions that are stale at the cut-off, or counted by it: the whole cut-off
 * - of evictions, where sessions arrive: the whole duration, because memory fills as it does in a full run
 *
 * A trace keeps its length.
 */
export function shorten(scenario: Scenario, goals: readonly Threshold[], share: number): Scenario {
  const { durationMs, cutoffMs, cohorts } = scenario;
  if (share >= 1 || cohorts.some(({ population }) => population.kind === 'trace')) return scenario;
  const expected = forecast(scenario);
  const arrives = cohorts.some(({ population }) => population.kind === 'arriving');
  let [duration, cutoff] = [share * durationMs, share * cutoffMs];
  for (const goal of goals) {
    if (isLag(goal)) {
      const of = goal.cohort === null ? expected.totals : expected.cohorts[goal.cohort]!;
      duration = Math.max(duration, dueMs(of, sessionsFor(goal), durationMs + cutoffMs));
      cutoff = Math.max(cutoff, FOLLOWED * goal.bound * 1000);
    } else {
      cutoff = cutoffMs;
    }
    if (arrives && isOfEviction(goal)) duration = durationMs;
  }
  return {
    ...scenario,
    durationMs: Math.min(durationMs, Math.ceil(duration)),
    cutoffMs: Math.min(cutoffMs, Math.ceil(cutoff)),
  };
}

function isLag({ metric }: Threshold): boolean {
  return metric === 'expiry_lag' || metric === 'expiry_lag_cycle_only';
}

function sessionsFor({ aggregate }: Threshold): number {
  return aggregate.kind === 'p' ? BEYOND_QUANTILE / Math.max(0.001, 1 - aggregate.percent / 100) : SAMPLE;
}

/** When so many have fallen due, or as many as ever do, ms from the start. */
function dueMs({ dueOverTime, due }: CohortForecast, sessions: number, runMs: number): number {
  const partMs = runMs / dueOverTime.length;
  const wanted = Math.min(sessions, due);
  let sum = 0;
  const part = dueOverTime.findIndex((count) => {
    sum += count;
    return sum >= wanted;
  });
  return (part === -1 ? dueOverTime.length : part + 1) * partMs;
}
