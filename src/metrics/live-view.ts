import { LAG_BOUNDS_US } from '../result/lag-bounds.ts';
import type { LivePoint, LiveState } from './live-point.ts';
import type { CohortView, Moment } from './run-view.ts';

/** The run at the moment, for the live page. */
export function pointOf({ nowMs, cohorts, estimates: { lag }, status }: Moment): LivePoint {
  const { startMs, serverFields } = status;
  const sum = (of: (cohort: CohortView) => number): number => cohorts.reduce((all, cohort) => all + of(cohort), 0);
  const staleBytes = cohorts.map((cohort) => cohort.staleBytes);
  return {
    atSeconds: (nowMs - startMs) / 1000,
    created: sum(({ tally }) => tally.counts.attempted - tally.outcomes.refused),
    due: sum(({ due }) => due),
    heard: sum(({ tally }) => tally.outcomes.expired),
    live: sum(({ live }) => live),
    stale: sum(({ stale }) => stale),
    staleBytes: staleBytes.includes(null) ? null : sum((cohort) => cohort.staleBytes!),
    oldestStaleSeconds: Math.max(0, ...cohorts.map(({ oldestStaleMs }) => oldestStaleMs)) / 1000,
    lagP50Seconds: lag.p50,
    lagP90Seconds: lag.p90,
    lagP99Seconds: lag.p99,
    evictedEarly: sum(({ tally }) => tally.outcomes.evicted_early),
    evictedStale: sum(({ tally }) => tally.outcomes.evicted_stale),
    usedMemoryBytes: serverFields?.usedMemoryBytes ?? null,
    maxmemoryBytes: serverFields?.maxmemoryBytes ?? null,
    lagCounts: lagCounts(cohorts),
  };
}

/** Delivered lags of all cohorts, by `LAG_BOUNDS_SECONDS`; those beyond the last bound at the end. */
function lagCounts(cohorts: readonly CohortView[]): number[] {
  const upTo = new Array<number>(LAG_BOUNDS_US.length + 1).fill(0);
  for (const { tally } of cohorts) {
    for (const histogram of [tally.lag.cycle, tally.lag.command]) {
      for (const [i, count] of [...histogram.cumulative(LAG_BOUNDS_US).counts, histogram.count].entries())
        upTo[i]! += count;
    }
  }
  return upTo.map((count, i) => count - (upTo[i - 1] ?? 0));
}

export function stateOf({ feed, status, ending, shown, cohorts, estimates }: Moment): LiveState {
  const { cohortLags, thresholds } = estimates;
  const { engine, version, endpoint, policy } = feed.server;
  return {
    run: feed.run,
    scenario: shown.scenario,
    policy,
    server: `${engine} ${version} at ${endpoint}`,
    startedAtMs: feed.epochMs,
    phase: ending === null ? status.phase : 'done',
    phases: status.phases.map(({ phase, atMs }) => ({ phase, atSeconds: (atMs - status.startMs) / 1000 })),
    planned: feed.planned,
    elapsedSeconds: status.elapsedMs / 1000,
    remainingSeconds: status.remainingMs === null ? null : status.remainingMs / 1000,
    verdict: ending?.verdict ?? 'pending',
    reasons: [...(ending?.reasons ?? status.faults)],
    cohorts: cohorts.map(({ name, tally, live, stale }, i) => ({
      name,
      attempted: tally.counts.attempted,
      live,
      stale,
      outcomes: { ...tally.outcomes },
      lagP50Seconds: cohortLags[i]!.p50,
      lagP99Seconds: cohortLags[i]!.p99,
    })),
    thresholds: [...thresholds],
  };
}
