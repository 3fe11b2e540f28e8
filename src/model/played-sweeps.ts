import { type CycleCosts, type CycleRules, TICK_SECONDS } from './cycle-rules.ts';
import { type EvenLags, LagDistribution } from './lag-distribution.ts';
import type { MeanSweep } from './mean-sweep.ts';
import { SimulatedCycle } from './simulated-cycle.ts';
import { SweptTable, type TableContents, type Visit } from './swept-table.ts';

export interface PlayedSweeps {
  /** Of all that was played. */
  lags: LagDistribution;
  /** Of a steady state those of all; of bursts the middle one's. */
  p50Seconds: number;
  p99Seconds: number;
  sweepSeconds: number;
  /** Share of the keys that were deleted by cycles which ran out of time. */
  outOfTimeShare: number;
}

/** Stretches of a table at its start: its keys are of as many ages. */
const STRETCHES = 32;
const WARM_UP_SWEEPS = 4;
/** At least so many sweeps are played, and so many cycles. */
const SWEEPS = 20;
const CYCLES = 6000;
/** A burst is played so often, at different phases of the cycle. */
const LEAST_BURSTS = 20;
const MOST_BURSTS = 1000;
/** Enough of a distribution, whatever else: a cycle that runs out of time has many parts. */
const PARTS = 30_000;
/** Of a period, between the phases of two bursts: its multiples are spread evenly, however many there are. */
const GOLDEN_RATIO = 0.618034;

/** Plays the cycle over a workload, starting from its sweep on average. */
export function playSweeps(
  contents: TableContents,
  rules: CycleRules,
  costs: CycleCosts,
  mean: MeanSweep,
): PlayedSweeps {
  const play = contents.burst > 0 ? playBursts : playSteady;
  return play(contents, rules, costs, mean);
}

/** Lags of the keys that fall due all the time: they are even up to the time since the cursor was there. */
function playSteady(contents: TableContents, rules: CycleRules, costs: CycleCosts, mean: MeanSweep): PlayedSweeps {
  const ages: EvenLags[] = [];
  let isWarm = false;
  let swept = 0;
  const onEnd = (visits: readonly Visit[], endAt: number): void => {
    if (!isWarm) return;
    for (const { share, visitedAt, at } of visits) {
      // Where a cycle comes round to what it has been at itself, there is nothing.
      if (visitedAt >= visits[0]!.at) continue;
      const fromSeconds = endAt - at + TICK_SECONDS;
      ages.push({ fromSeconds, toSeconds: fromSeconds + at - visitedAt, weight: share * (at - visitedAt) });
      swept += share;
    }
  };
  const table = new SweptTable(contents, mean.steadySeconds, STRETCHES);
  const cycle = new SimulatedCycle(rules, costs, mean.sampled, draws(), onEnd);
  let cycles = 0;
  let outOfTime = 0;
  let at = 0;
  const startAt = WARM_UP_SWEEPS * mean.steadySeconds;
  while ((cycles < CYCLES || swept < SWEEPS) && ages.length < PARTS) {
    isWarm = at >= startAt;
    const before = ages.length;
    const { nextAt, isOutOfTime } = cycle.period(table, at);
    at = nextAt;
    if (isWarm) cycles++;
    if (isOutOfTime) outOfTime += weightOf(ages, before);
  }
  const weight = weightOf(ages, 0);
  const lags = new LagDistribution(ages);
  return { ...quantilesOf(lags), lags, sweepSeconds: weight / swept, outOfTimeShare: outOfTime / weight };
}

/** Bursts one after the other, as the lags of any one depend on how far its cycles happen to go. */
function playBursts(contents: TableContents, rules: CycleRules, costs: CycleCosts, mean: MeanSweep): PlayedSweeps {
  let lags: EvenLags[] = [];
  const onEnd = (visits: readonly Visit[], endAt: number): void => {
    const weight = visits.reduce((sum, { share, holdsBurst }) => sum + (holdsBurst ? share : 0), 0);
    const seconds = endAt + TICK_SECONDS;
    if (weight > 0) lags.push({ fromSeconds: seconds, toSeconds: seconds, weight });
  };
  const cycle = new SimulatedCycle(rules, costs, mean.sampled, draws(), onEnd);
  const bursts: LagDistribution[] = [];
  const all: EvenLags[] = [];
  let outOfTime = 0;
  const enough = Math.min(MOST_BURSTS, Math.max(LEAST_BURSTS, CYCLES / mean.cycles));
  while (bursts.length < enough && all.length < PARTS) {
    lags = [];
    const table = new SweptTable(contents, mean.steadySeconds, STRETCHES);
    let at = ((bursts.length * GOLDEN_RATIO) % 1) * rules.periodSeconds;
    while (table.front.holdsBurst) {
      const before = lags.length;
      const { nextAt, isOutOfTime } = cycle.period(table, at);
      if (isOutOfTime) outOfTime += weightOf(lags, before);
      at = nextAt;
    }
    bursts.push(new LagDistribution(lags));
    all.push(...lags);
  }
  const middle = (share: number): number => median(bursts.map((burst) => burst.quantile(share)));
  return {
    lags: new LagDistribution(all),
    p50Seconds: middle(0.5),
    p99Seconds: middle(0.99),
    sweepSeconds: middle(1),
    outOfTimeShare: outOfTime / weightOf(all, 0),
  };
}

function weightOf(lags: readonly EvenLags[], from: number): number {
  let sum = 0;
  for (let i = from; i < lags.length; i++) sum += lags[i]!.weight;
  return sum;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

export function quantilesOf(lags: LagDistribution): Pick<PlayedSweeps, 'p50Seconds' | 'p99Seconds'> {
  return { p50Seconds: lags.quantile(0.5), p99Seconds: lags.quantile(0.99) };
}

/** Numbers of [0, 1), always the same: a linear congruential generator (Numerical Recipes), good enough in its high bits. */
function draws(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
