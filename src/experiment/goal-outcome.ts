import type { Result, TallyResult } from '../result/schema.ts';
import type { Threshold } from '../scenario/scenario.ts';
import type { Figure } from './figures.ts';

/** What a run says of one goal. */
export interface GoalOutcome {
  value: Figure;
  met: boolean;
  /** 0 where it is met, else how far off: the logarithm of what it is to what it should be. */
  shortfall: number;
}

/** Smallest difference that counts, and what keeps a ratio to a bound of zero finite: a ms, a session, a thousandth. */
const RESOLUTION = { time: 0.001, count: 1, rate: 0.001 } as const;
/** Of a goal that is missed by no more than its bound: greater than 0, which is a goal met. */
const LEAST_SHORTFALL = 1e-6;

/** Of each goal; the run's own thresholds must have been these. */
export function goalOutcomes(goals: readonly Threshold[], result: Result): GoalOutcome[] {
  return goals.map((goal, i) => {
    const { value, ok } = result.thresholds[i]!;
    const lag = lagOf(goal, result);
    const horizon = lag?.horizon ?? null;
    const figure = value ?? (horizon === null ? null : { beyond: lag?.beyond ?? horizon });
    // Of two quantiles that were not reached the one with the lesser mean is nearer.
    const reached = value ?? (horizon === null ? null : horizon + (lag?.restrictedMean ?? 0));
    return { value: figure, met: ok, shortfall: ok ? 0 : Math.max(LEAST_SHORTFALL, missedBy(goal, reached)) };
  });
}

function lagOf({ metric, cohort }: Threshold, { totals, cohorts }: Result): TallyResult['expiryLagSeconds'] | null {
  const tally = cohort === null ? totals : cohorts[cohort]!;
  if (metric === 'expiry_lag') return tally.expiryLagSeconds;
  return metric === 'expiry_lag_cycle_only' ? tally.expiryLagCycleOnlySeconds : null;
}

function missedBy({ operator, bound, aggregate }: Threshold, reached: number | null): number {
  if (reached === null) return Number.POSITIVE_INFINITY;
  const { kind } = aggregate;
  const resolution = RESOLUTION[kind === 'count' || kind === 'rate' ? kind : 'time'];
  return Math.abs(Math.log((reached + resolution) / (bound + resolution))) + (operator === '!=' ? 1 : 0);
}
