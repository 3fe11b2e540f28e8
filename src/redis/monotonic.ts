/**
 * Milliseconds of the monotonic clock (CLOCK_MONOTONIC), from `process.hrtime`: the same on every thread and in every
 * process of this machine, unlike `performance.now()`, whose origin is each thread's own start.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
