/**
 * Bounds by which lags are counted over time, seconds. 1 ms is the resolution of a deadline; an idle expire cycle takes 10
 * to 100 ms at hz 100 to 10, a busy one seconds to minutes, and what no cycle reaches stays to the hour. Each bound is at
 * most 2.5 times the one before, so that a quantile read from such counts is off by no more than that.
 */
export const LAG_BOUNDS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600,
] as const;

/** The same in whole µs. */
export const LAG_BOUNDS_US: readonly number[] = LAG_BOUNDS_SECONDS.map((seconds) => Math.round(seconds * 1e6));
