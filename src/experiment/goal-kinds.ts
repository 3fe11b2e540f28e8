import type { Threshold } from '../scenario/scenario.ts';

/** Metrics that active expiry bears on: how soon after its deadline a session goes. */
const OF_LATENESS = ['expiry_lag', 'expiry_lag_cycle_only', 'expired', 'stale', 'evicted_stale'];
/** Metrics that the limit of memory bears on. */
const OF_EVICTION = ['evicted_early', 'evicted_stale', 'refused', 'found_gone', 'found_gone_early'];

export function isOfLateness({ metric }: Pick<Threshold, 'metric'>): boolean {
  return OF_LATENESS.includes(metric);
}

export function isOfEviction({ metric }: Pick<Threshold, 'metric'>): boolean {
  return OF_EVICTION.includes(metric);
}
