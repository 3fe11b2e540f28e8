import type { IntervalHistogram } from 'node:perf_hooks';
import type { Ledger } from '../ledger/ledger.ts';
import type { OpenLoop } from '../load/open-loop.ts';
import type { ObserverReport } from '../observe/protocol.ts';
import type { ServerFacts } from '../redis/inspect.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { countChecks, namedChecks, uncountableOf } from './checks.ts';
import { loopDelay, observerLoopDelay } from './loop-delay.ts';
import type { PhaseName } from './progress-status.ts';
import type { Pulse } from './pulse.ts';
import type { RunClock } from './run-clock.ts';
import type { RunStatus } from './run-feed.ts';
import type { ServerSampler } from './server-sampler.ts';
import { type Evidence, faults, pubsubLimitOf } from './verdict.ts';

/** What is known while a run lasts. */
export interface Standing {
  scenario: Scenario;
  phase: PhaseName;
  phases: RunStatus['phases'];
  elapsedMs: number;
  remainingMs: number | null;
  /** Start of the measurement, run time. */
  startMs: number;
  /** `null`: still to come. */
  cutOffMs: number | null;
  facts: ServerFacts;
  clock: RunClock;
  ledger: Ledger;
  pulse: Pulse;
  sampler: ServerSampler;
  load: OpenLoop;
  /** `null`: it has not reported yet. */
  observerReport: ObserverReport | null;
  mainLoopDelay: IntervalHistogram;
  processorShare: number;
  serverEnded: string | null;
  laneCuts: readonly string[];
}

/** Where a run stands, as plain data. */
export function statusOf(standing: Standing): RunStatus {
  const { phase, phases, elapsedMs, remainingMs, startMs, cutOffMs, clock, pulse, sampler, observerReport } = standing;
  return {
    phase,
    phases: [...phases],
    elapsedMs,
    remainingMs,
    nowMs: clock.nowMs(),
    startMs,
    cutOffMs,
    serverFields: sampler.latest,
    clockErrorMs: clock.errorMs,
    loopDelay: { main: loopDelay(standing.mainLoopDelay), observer: observerLoopDelay(observerReport) },
    gaps: pulse.gaps.length,
    staleCheck: staleCheckOf(standing),
    faults: faults(evidenceSoFar(standing)),
  };
}

function staleCheckOf({ pulse, scenario }: Standing): RunStatus['staleCheck'] {
  const last = pulse.samples.at(-1);
  if (last === undefined || uncountableOf(scenario) !== null) return null;
  return { ledger: last.ledgerMost - last.live, server: last.serverCount - last.live };
}

/** What can be told before the end, without a pass over the sessions; the rest counts as in order. */
function evidenceSoFar(standing: Standing): Evidence {
  const { scenario, facts, clock, ledger, pulse, load, observerReport, processorShare, serverEnded, laneCuts } =
    standing;
  const { report } = pulse.canaries;
  return {
    lawBroken: [],
    clockSteps: clock.server.steps,
    clockErrorMs: pulse.worstClockErrorMs,
    tooEarly: ledger.tooEarly,
    strays: ledger.strays,
    deadlineErrorMs: 0,
    deadlineExcessMs: pulse.deadlineCheck.excessMs,
    slipP99Ms: (load.slip.percentileUs(99) ?? 0) / 1000,
    heldUpMs: load.heldUpMs,
    processorShare,
    observerDelayP99Ms: observerReport?.eventLoopDelay.p99Ms ?? 0,
    gaps: pulse.gaps,
    pubsubLimit: pubsubLimitOf(facts),
    canaryViolations: report.violations,
    canariesFlipped: report.flippedOnTime,
    canariesPlanned: 0,
    checks: namedChecks(countChecks({ scenario, facts, pulse, unanswered: load.sender.unanswered })),
    stalls: pulse.stalls,
    serverEnded,
    refused: 0,
    laneCuts,
    unanswered: load.sender.unanswered,
    unsent: 0,
    unasked: 0,
    heardInStalls: 0,
    heard: 0,
    longestStallMs: 0,
    errors: load.sender.errors,
    settingsRemarks: [],
  };
}
