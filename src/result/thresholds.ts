import type { LagHistogram } from '../ledger/lag-histogram.ts';
import type { OutcomeName } from '../ledger/outcome.ts';
import { quantileUs } from '../ledger/survival.ts';
import type { Tally } from '../ledger/tally.ts';
import type { Threshold } from '../scenario/scenario.ts';

export interface ThresholdSource {
  totals: Tally;
  cohorts: ReadonlyMap<string, Tally>;
  deliveryDelay: LagHistogram;
  scheduleSlip: LagHistogram;
}

export interface ThresholdResult {
  metric: string;
  expression: string;
  /** Seconds, a count or a share; `null` where it was not reached or there was nothing to measure. */
  value: number | null;
  ok: boolean;
}

/**
 * Holds each threshold against what was measured. One on a value that was not reached fails, whichever way it points:
 * what is not known satisfies nothing.
 */
export function evaluateThresholds(thresholds: readonly Threshold[], source: ThresholdSource): ThresholdResult[] {
  return thresholds.map((threshold) => {
    const { metric, cohort, expression, operator, bound } = threshold;
    const value = measured(threshold, source);
    return {
      metric: cohort === null ? metric : `${metric}{cohort:${cohort}}`,
      expression,
      value,
      ok: value !== null && compare(value, operator, bound),
    };
  });
}

export function compare(value: number, operator: Threshold['operator'], bound: number): boolean {
  switch (operator) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
    case '!=':
      return value !== bound;
    default:
      return operator satisfies never;
  }
}

function measured({ metric, cohort, aggregate }: Threshold, source: ThresholdSource): number | null {
  if (metric === 'delivery_delay') return ofHistogram(source.deliveryDelay, aggregate);
  if (metric === 'schedule_slip') return ofHistogram(source.scheduleSlip, aggregate);
  const tally = cohort === null ? source.totals : source.cohorts.get(cohort)!;
  if (metric === 'expiry_lag') return ofLag(tally, aggregate, false);
  if (metric === 'expiry_lag_cycle_only') return ofLag(tally, aggregate, true);
  const value = countOf(tally, metric);
  if (aggregate.kind === 'count') return value;
  return tally.counts.attempted === 0 ? 0 : value / tally.counts.attempted;
}

function countOf(tally: Tally, metric: string): number {
  switch (metric) {
    case 'ambiguous':
    case 'resurrected':
      return tally.counts[metric];
    case 'found_gone':
      return tally.counts.foundGone;
    case 'found_gone_early':
      return tally.counts.foundGoneEarly;
    default:
      return tally.outcomes[metric as OutcomeName];
  }
}

function ofLag(tally: Tally, aggregate: Threshold['aggregate'], cycleOnly: boolean): number | null {
  const lag = tally.expiryLag(cycleOnly);
  switch (aggregate.kind) {
    case 'p': {
      const us = quantileUs(tally.incidence(cycleOnly), aggregate.percent / 100);
      return us === null ? null : us / 1e6;
    }
    case 'med':
      return lag.p50;
    case 'min':
      return lag.min;
    case 'max':
      return lag.max;
    case 'avg':
      return lag.restrictedMean;
    default:
      return null;
  }
}

function ofHistogram(histogram: LagHistogram, aggregate: Threshold['aggregate']): number | null {
  const percent = aggregate.kind === 'p' ? aggregate.percent : aggregate.kind === 'med' ? 50 : 100;
  const us = histogram.percentileUs(percent);
  return us === null ? null : us / 1e6;
}
