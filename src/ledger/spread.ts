import type { LagHistogram } from './lag-histogram.ts';

/** A distribution of times in a few figures, seconds; `null` where there is nothing. */
export interface Spread {
  count: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  max: number | null;
}

export function spreadOf(histogram: LagHistogram): Spread {
  const at = (percent: number): number | null => {
    const us = histogram.percentileUs(percent);
    return us === null ? null : us / 1e6;
  };
  const { count, maxUs } = histogram;
  return { count, p50: at(50), p90: at(90), p99: at(99), max: maxUs === null ? null : maxUs / 1e6 };
}
