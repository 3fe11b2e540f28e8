import type { IntervalHistogram } from 'node:perf_hooks';
import { LagHistogram } from '../ledger/lag-histogram.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { spreadOf } from '../ledger/spread.ts';
import { Tally } from '../ledger/tally.ts';
import type { OpenLoop } from '../load/open-loop.ts';
import type { Plan, Segment } from '../load/plan.ts';
import type { HeldForSlow } from '../load/slow-subscribers.ts';
import type { ObserverReport } from '../observe/protocol.ts';
import type { ServerFacts } from '../redis/inspect.ts';
import type { Change } from '../redis/settings/journal.ts';
import { LAG_BOUNDS_SECONDS } from '../result/lag-bounds.ts';
import type { Result } from '../result/schema.ts';
import { evaluateThresholds } from '../result/thresholds.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { VERSION } from '../version.ts';
import { after } from './ascending.ts';
import { type CountChecks, countChecks, littlesLawCheck, namedChecks } from './checks.ts';
import type { LittlesLaw } from './count-check.ts';
import { loopDelay, observerLoopDelay } from './loop-delay.ts';
import type { Pulse } from './pulse.ts';
import type { RunClock } from './run-clock.ts';
import type { ServerSampler } from './server-sampler.ts';
import { staleMemory, staleMemoryOverTime } from './stale-memory.ts';
import { type Evidence, faults, pubsubLimitOf, remarks } from './verdict.ts';

/** Everything that a finished run knows. */
export interface Finished {
  /** The run's name. */
  run: string;
  /** What was typed; `null`: the library was called. */
  command: string | null;
  scenario: Scenario;
  segment: Segment;
  startedAt: Date;
  phases: Record<string, number>;
  endpoint: string;
  embedded: boolean;
  facts: ServerFacts;
  /** Settings that were changed for the run. */
  changed: readonly Change[];
  /** What a reader should know of them. */
  settingsRemarks: readonly string[];
  plan: Plan;
  indexOf: (row: number) => number;
  ledger: Ledger;
  clock: RunClock;
  pulse: Pulse;
  sampler: ServerSampler;
  load: OpenLoop;
  observerReport: ObserverReport | null;
  mainLoopDelay: IntervalHistogram;
  /** Processor time of the harness, all threads, to the time of the run. */
  processorShare: number;
  startMs: number;
  cutOffMs: number;
  /** What a session of each cohort takes beside its payload; `null` where the server did not tell. */
  overheadBytes: readonly (number | null)[];
  serverEnded: string | null;
  /** What the server held for slow subscribers at the cut-off; `null`: there are none, or it does not tell. */
  heldForSlow: HeldForSlow | null;
  /** Why the connection of the load was lost, each time. */
  laneCuts: readonly string[];
  /** The signal that ended the run. */
  aborted: string | null;
}

/** Puts the result together: plain data, nothing that still lives. */
export function buildResult(run: Finished): Result {
  const { scenario, ledger, clock, pulse, load, facts, plan } = run;
  const totals = new Tally();
  for (const tally of ledger.tallies) totals.add(tally);
  const names = scenario.cohorts.map(({ name }) => name);
  const cohorts = new Map(names.map((name, i) => [name, ledger.tallies[i]!]));
  const checkable = { scenario, facts, pulse, unanswered: load.sender.unanswered };
  const counts = countChecks(checkable);
  const checks = { ...counts, littlesLaw: littlesLawCheck(checkable, ledger, run.cutOffMs) };
  const deadlineErrors = deadlineErrorsOf(ledger);
  const stalls = observerStallsOf(run);
  const evidence: Evidence = {
    lawBroken: ledger.brokenCohorts().map((i) => names[i]!),
    clockSteps: clock.server.steps,
    clockErrorMs: pulse.worstClockErrorMs,
    tooEarly: ledger.tooEarly,
    strays: ledger.strays,
    deadlineErrorMs: deadlineErrors.max,
    deadlineExcessMs: pulse.deadlineCheck.excessMs,
    heldUpMs: load.heldUpMs,
    slipP99Ms: (load.slip.percentileUs(99) ?? 0) / 1000,
    observerDelayP99Ms: run.observerReport?.eventLoopDelay.p99Ms ?? 0,
    processorShare: run.processorShare,
    gaps: pulse.gaps,
    pubsubLimit: pubsubLimitOf(facts),
    canaryViolations: pulse.canaries.report.violations,
    canariesFlipped: pulse.canaries.report.flippedOnTime,
    canariesPlanned: pulse.canaries.report.planned,
    checks: { ...namedChecks(counts), "Little's law": checks.littlesLaw },
    stalls: pulse.stalls,
    serverEnded: run.serverEnded,
    refused: totals.outcomes.refused,
    laneCuts: run.laneCuts,
    unanswered: load.sender.unanswered,
    unsent: run.aborted === null ? plan.sessions - load.attempted : 0,
    unasked: ledger.unasked,
    heardInStalls: stalls.heard,
    heard: totals.outcomes.expired,
    longestStallMs: stalls.longestMs,
    errors: load.sender.errors,
    settingsRemarks: run.settingsRemarks,
  };
  return {
    schema: 'ttlscope.result/1',
    run: run.run,
    version: VERSION,
    verdict: verdictOf(evidence, run.aborted),
    scenario: { ...scenario },
    seed: scenario.seed,
    segment: run.segment,
    command: run.command,
    startedAt: run.startedAt.toISOString(),
    measuredFromMs: run.startMs + clock.epochMs,
    phases: run.phases,
    server: {
      engine: facts.engine,
      version: facts.version,
      embedded: run.embedded,
      endpoint: run.endpoint,
      effectiveHz: facts.effectiveHz,
      settings: facts.settings,
      changed: run.changed.map((change) => ({ ...change })),
    },
    totals: totals.toResult(),
    cohorts: Object.fromEntries([...cohorts].map(([name, tally]) => [name, tally.toResult()])),
    ...run.sampler.result(run.startMs),
    staleMemoryBytes: staleMemory(run),
    slowSubscribers:
      scenario.slowSubscribers === 0
        ? null
        : {
            count: scenario.slowSubscribers,
            connected: run.heldForSlow?.connected ?? null,
            outputBufferBytes: run.heldForSlow?.outputBufferBytes ?? null,
          },
    thresholds: evaluateThresholds(scenario.thresholds, {
      totals,
      cohorts,
      deliveryDelay: pulse.delivery,
      scheduleSlip: load.slip,
    }),
    instrument: instrumentOf(run, deadlineErrors, checks, stalls),
    series: {
      ...pulse.series,
      atSeconds: pulse.series.atSeconds.map((at) => at - run.startMs / 1000),
      staleMemoryBytes: staleMemoryOverTime(run),
      cohorts: Object.fromEntries(names.map((name, i) => [name, pulse.cohorts.samples[i]!])),
      lagBoundsSeconds: [...LAG_BOUNDS_SECONDS],
      lagQuantiles: pulse.cohorts.lagQuantiles,
    },
  };
}

type Checks = CountChecks & { littlesLaw: LittlesLaw };

function verdictOf(evidence: Evidence, aborted: string | null): Result['verdict'] {
  const reasons = faults(evidence);
  if (aborted !== null)
    return { state: 'aborted', reasons: [`ended by ${aborted}`, ...reasons, ...evidence.settingsRemarks] };
  return reasons.length > 0
    ? { state: 'invalid', reasons: [...reasons, ...remarks(evidence)] }
    : { state: 'valid', reasons: remarks(evidence) };
}

function instrumentOf(
  run: Finished,
  deadlineErrorMs: { p99: number; max: number },
  checks: Checks,
  stalls: ReturnType<typeof observerStallsOf>,
): Result['instrument'] {
  const { pulse, load, clock, ledger, observerReport, mainLoopDelay } = run;
  const { report } = pulse.canaries;
  const unix = (runMs: number): number => runMs + clock.epochMs;
  const { sampled, worstErrorMs, worstBoundMs } = pulse.deadlineCheck;
  return {
    clockOffsetMs: clock.server.offsetMs,
    clockErrorMs: pulse.worstClockErrorMs,
    clockSteps: clock.server.steps,
    deadlineErrorMs,
    deadlineCheck: { sampled, worstErrorMs, worstBoundMs },
    deliveryDelaySeconds: spreadOf(pulse.delivery),
    eventLoopDelaySeconds: {
      main: loopDelay(mainLoopDelay),
      observer: observerLoopDelay(observerReport),
    },
    observerStalls: stalls,
    scheduleSlipSeconds: spreadOf(load.slip),
    gaps: pulse.gaps.map(({ node, fromMs, toMs, reason }) => ({
      node,
      fromMs: unix(fromMs),
      toMs: Number.isFinite(toMs) ? unix(toMs) : null,
      reason,
    })),
    stalls: pulse.stalls.map(({ fromMs, lengthMs }) => ({ fromMs: unix(fromMs), lengthMs })),
    canaries: {
      planned: report.planned,
      flippedOnTime: report.flippedOnTime,
      violations: report.violations,
      lastPresentMs: report.lastPresentMs,
      firstGoneMs: report.firstGoneMs,
      deliveryDelaySeconds: spreadOf(histogramOf(report.deliveryMs)),
    },
    ...checks,
    strays: ledger.strays,
    errors: Object.fromEntries(load.sender.errors),
  };
}

/** After a stall its timer and the reads that waited come in any order, within so many ms. */
const STALL_MARGIN_MS = 5;

/** Times in which the observer's thread stood still, and the events that it heard at the end of one: late. */
function observerStallsOf({ observerReport, ledger, clock }: Finished) {
  const stalls = observerReport?.stalls ?? [];
  const fromMs = stalls.map(({ fromMonoMs }) => clock.fromMono(fromMonoMs));
  const toMs = stalls.map(({ toMonoMs }) => clock.fromMono(toMonoMs) + STALL_MARGIN_MS);
  let heard = 0;
  for (const { outcome, endedMs } of stalls.length === 0 ? [] : ledger.lives()) {
    if (outcome === 'expired' && endedMs! <= (toMs[after(fromMs, endedMs!) - 1] ?? 0)) heard++;
  }
  const longestMs = stalls.reduce((most, stall) => Math.max(most, stall.toMonoMs - stall.fromMonoMs), 0);
  return { count: stalls.length, longestMs, heard };
}

function histogramOf(timesMs: readonly number[]): LagHistogram {
  const histogram = new LagHistogram();
  for (const ms of timesMs) histogram.record(Math.round(ms * 1000));
  return histogram;
}

/** Error of the deadlines in force, over the sessions that have one. */
function deadlineErrorsOf({ rows }: Ledger): { p99: number; max: number } {
  const errors = new LagHistogram();
  for (let row = 0; row < rows.count; row++) {
    if (rows.state(row) !== 'planned') errors.record(Math.round(rows.deadlineErrorMs(row) * 1000));
  }
  return { p99: (errors.percentileUs(99) ?? 0) / 1000, max: (errors.maxUs ?? 0) / 1000 };
}
