import type { Result, TallyResult } from '../result/schema.ts';
import { dueOf } from './finding.ts';
import { formatLag } from './precision.ts';

const OWN_ERROR_MS = 0.01;

/** What was held against a threshold, for people. */
export function shownThreshold(
  { metric, value }: Result['thresholds'][number],
  { cohorts, totals }: Pick<Result, 'cohorts' | 'totals'>,
): string {
  const tally: TallyResult = cohorts[/\{cohort:(.+)\}$/.exec(metric)?.[1] ?? ''] ?? totals;
  if (value === null) return dueOf(tally) === 0 ? 'no session fell due' : 'not reached';
  const isTime = /^(expiry_lag|delivery_delay|schedule_slip)/.test(metric);
  return isTime ? formatLag(value, OWN_ERROR_MS) : String(Number(value.toPrecision(3)));
}
