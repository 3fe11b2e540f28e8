/** Milliseconds of the process-wide monotonic clock (CLOCK_MONOTONIC), the same on every thread. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
