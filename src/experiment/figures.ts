import type { Result, ServerUse, TallyResult } from '../result/schema.ts';

/** A value; `beyond`: not reached within that many seconds, so greater; `null`: there was nothing to measure it by. */
export type Figure = number | { beyond: number } | null;

/** Of a lag the error is measured; other seconds are the server's own accounts. */
export type Unit = 'lag' | 'seconds' | 'share' | 'count' | 'bytes';

/** One thing that experiments compare runs by. */
export interface FigureKind {
  /** In the head of a table. */
  title: string;
  unit: Unit;
  /** `null`: it explains, and is neither better nor worse. */
  better: 'less' | 'more' | null;
  of(result: Result): Figure;
}

/** Of all cohorts of a run together. */
export const FIGURES = {
  lagP50Seconds: kind('lag p50', 'lag', ({ totals }) => lagAt(totals, 'p50')),
  lagP99Seconds: kind('lag p99', 'lag', ({ totals }) => lagAt(totals, 'p99')),
  /** Restricted to the longest time that any session was followed. */
  lagMeanSeconds: kind('lag mean', 'lag', ({ totals }) => totals.expiryLagSeconds.restrictedMean),
  /** Of the sessions that fell due, those whose `expired` event was heard before the cut-off. */
  notifiedShare: kind('notified', 'share', ({ totals }) => notifiedShare(totals), 'more'),
  /** Past their deadline and in memory at the cut-off. */
  staleSessions: kind('stale', 'count', ({ totals }) => totals.outcomes.stale),
  staleBytes: kind('stale bytes', 'bytes', ({ staleMemoryBytes }) => staleMemoryBytes.value),
  /** Ended before their deadline though nobody logged out, or never began: see `liveLost`. */
  liveLost: kind('live lost', 'count', ({ totals }) => liveLost(totals)),
  evictedEarly: kind('evicted early', 'count', ({ totals }) => totals.outcomes.evicted_early),
  evictedStale: kind('evicted stale', 'count', ({ totals }) => totals.outcomes.evicted_stale, null),
  refused: kind('refused', 'count', ({ totals }) => totals.outcomes.refused),
  /** Requests, not sessions. */
  foundGoneEarly: kind('found gone early', 'count', ({ totals }) => totals.foundGoneEarly),
  /** User and system, all threads of the server, in the measurement: the load's own commands are in it. */
  serverCpuSeconds: kind('server CPU', 'seconds', ({ serverUse }) => serverUse.cpuSeconds),
  /** Of that time, what went into the expire cycle. */
  expireCycleShare: kind('expire cycle', 'share', ({ serverUse }) => expireCycleShare(serverUse), null),
  peakMemoryBytes: kind('peak memory', 'bytes', ({ serverUse }) => serverUse.peakUsedMemoryBytes),
} satisfies Record<string, FigureKind>;

export type FigureName = keyof typeof FIGURES;
export type Figures = Record<FigureName, Figure>;

export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

export function figuresOf(result: Result): Figures {
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, FIGURES[name].of(result)])) as Figures;
}

function kind(title: string, unit: Unit, of: FigureKind['of'], better: FigureKind['better'] = 'less'): FigureKind {
  return { title, unit, better, of };
}

function lagAt({ expiryLagSeconds }: TallyResult, quantile: 'p50' | 'p99'): Figure {
  const { [quantile]: value, beyond } = expiryLagSeconds;
  return value ?? (beyond === null ? null : { beyond });
}

function notifiedShare({ expiryLagSeconds: { delivered, censored }, neverNotified }: TallyResult): number | null {
  const due = delivered + censored + neverNotified;
  return due === 0 ? null : delivered / due;
}

/** Evicted before their deadline, lost before it, or refused. Those lost after it are among the never notified. */
function liveLost({ outcomes, neverNotified }: TallyResult): number {
  const lostDue = neverNotified - outcomes.evicted_stale;
  return outcomes.evicted_early + (outcomes.lost - lostDue) + outcomes.refused;
}

function expireCycleShare({ cpuSeconds, expireCycleCpuSeconds }: ServerUse): number | null {
  return cpuSeconds === null || expireCycleCpuSeconds === null || cpuSeconds <= 0
    ? null
    : expireCycleCpuSeconds / cpuSeconds;
}
