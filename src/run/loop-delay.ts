import type { IntervalHistogram } from 'node:perf_hooks';
import type { ObserverReport } from '../observe/protocol.ts';
import type { LoopDelay } from './run-feed.ts';

/** monitorEventLoopDelay reports the whole time between its timer's calls; its period is no delay. */
export const LOOP_DELAY_PERIOD_MS = 10;

export function loopDelay(histogram: IntervalHistogram): LoopDelay {
  const late = (ns: number): number => Math.max(0, ns / 1e9 - LOOP_DELAY_PERIOD_MS / 1000);
  return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
}

/** Of the observer's thread; `null`: it has not reported. */
export function observerLoopDelay(report: ObserverReport | null): LoopDelay | null {
  if (report === null) return null;
  const { p50Ms, p99Ms, maxMs } = report.eventLoopDelay;
  return { p50: p50Ms / 1000, p99: p99Ms / 1000, max: maxMs / 1000 };
}
