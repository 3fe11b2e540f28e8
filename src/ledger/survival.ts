import type { Bucket } from './lag-histogram.ts';

/** What happened to sessions that had fallen due, by the time since the deadline. Ascending in time. */
export interface DueRow {
  timeUs: number;
  /** Heard to have expired at this time. */
  notified: number;
  /** Ended otherwise, never to be notified. */
  competing: number;
  /** Followed up to this time and no further. */
  censored: number;
}

/** A step function: from `timeUs` on its value is `share`. */
export interface Step {
  timeUs: number;
  share: number;
}

/** Puts histograms of times together into rows. */
export function dueRows(
  notified: readonly Bucket[],
  competing: readonly Bucket[],
  censored: readonly Bucket[],
): DueRow[] {
  const rows = new Map<number, DueRow>();
  const add = (buckets: readonly Bucket[], kind: 'notified' | 'competing' | 'censored'): void => {
    for (const { valueUs, count } of buckets) {
      const row = rows.get(valueUs) ?? { timeUs: valueUs, notified: 0, competing: 0, censored: 0 };
      row[kind] += count;
      rows.set(valueUs, row);
    }
  };
  add(notified, 'notified');
  add(competing, 'competing');
  add(censored, 'censored');
  return [...rows.values()].sort((a, b) => a.timeUs - b.timeUs);
}

/**
 * Cumulative incidence of notification with competing ends, by Aalen and Johansen (Scand. J. Statist. 5, 1978): at each
 * time the share still without an end, times the hazard of notification then (Putter, Fiocco and Geskus, Statist. Med.
 * 26, 2007, section 3; Andersen, Borgan, Gill and Keiding, Statistical Models Based on Counting Processes, 1993). With
 * no competing ends it is 1 − the product-limit estimate of Kaplan and Meier (J. Am. Statist. Assoc. 53, 1958). Ends
 * come before censoring at the same time. O(rows).
 */
export function cumulativeIncidence(rows: readonly DueRow[]): Step[] {
  let atRisk = 0;
  for (const row of rows) atRisk += row.notified + row.competing + row.censored;
  let surviving = 1;
  let incidence = 0;
  const steps: Step[] = [];
  for (const { timeUs, notified, competing, censored } of rows) {
    if (notified > 0) {
      incidence += (surviving * notified) / atRisk;
      steps.push({ timeUs, share: incidence });
    }
    surviving *= 1 - (notified + competing) / atRisk;
    atRisk -= notified + competing + censored;
  }
  return steps;
}

/** Rounding of the sums must not keep a share of exactly p from counting as p; one session is a larger share. */
const ROUNDING = 1e-10;

/** Least time at which the incidence has reached `share`; `null` where it never does. */
export function quantileUs(steps: readonly Step[], share: number): number | null {
  return steps.find((step) => step.share >= share - ROUNDING)?.timeUs ?? null;
}

/**
 * Mean of min(lag, horizon), a session never notified counting as the horizon: the area above the incidence up to the
 * horizon (Irwin 1949, Royston and Parmar 2013).
 */
export function restrictedMeanUs(steps: readonly Step[], horizonUs: number): number {
  let area = 0;
  let fromUs = 0;
  let share = 0;
  for (const step of steps) {
    area += (step.timeUs - fromUs) * (1 - share);
    fromUs = step.timeUs;
    share = step.share;
  }
  return area + Math.max(0, horizonUs - fromUs) * (1 - share);
}
