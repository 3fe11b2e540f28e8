import { type CycleCosts, type CycleRules, TICK_SECONDS } from './cycle-rules.ts';
import { type EvenLags, LagDistribution } from './lag-distribution.ts';
import type { MeanSweep } from './mean-sweep.ts';
import { SimulatedCycle } from './simulated-cycle.ts';
import { type Stretch, SweptTable, type TableContents } from './swept-table.ts';

export interface PlayedSweeps {
  lags: LagDistribution;
  sweepSeconds: number;
  /** Share of the slow cycles that ran out of time. */
  outOfTimeShare: number;
}

/** Stretches of a table at its start. */
const STRETCHES = 256;
const WARM_UP_SWEEPS = 4;
/** At least so many sweeps are played, and so many cycles. */
const SWEEPS = 20;
const CYCLES = 6000;
/** A burst is played so often, at different phases of the cycle. */
const LEAST_BURSTS = 20;
const MOST_BURSTS = 200;
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
  const onVisit = ({ share, visitedAt }: Readonly<Stretch>, now: number): void => {
    if (!isWarm || now <= visitedAt) return;
    const toSeconds = now - visitedAt + TICK_SECONDS;
    ages.push({ fromSeconds: TICK_SECONDS, toSeconds, weight: share * (now - visitedAt) });
    swept += share;
  };
  const table = new SweptTable(contents, mean.steadySeconds, STRETCHES);
  const cycle = new SimulatedCycle(rules, costs, mean.sampled, table, 1, onVisit);
  let cycles = 0;
  let outOfTime = 0;
  let at = 0;
  const startAt = WARM_UP_SWEEPS * mean.steadySeconds;
  while ((cycles < CYCLES || swept < SWEEPS) && ages.length < PARTS) {
    isWarm = at >= startAt;
    const { nextAt, isOutOfTime } = cycle.period(at);
    at = nextAt;
    if (!isWarm) continue;
    cycles++;
    if (isOutOfTime) outOfTime++;
  }
  const sweepSeconds = ages.reduce((sum, { weight }) => sum + weight, 0) / swept;
  return { lags: new LagDistribution(ages), sweepSeconds, outOfTimeShare: outOfTime / cycles };
}

/** Lags of a burst: of one after the other, as those of any one depend on how far its cycles happen to go. */
function playBursts(contents: TableContents, rules: CycleRules, costs: CycleCosts, mean: MeanSweep): PlayedSweeps {
  const lags: EvenLags[] = [];
  const onVisit = ({ share, holdsBurst }: Readonly<Stretch>, now: number): void => {
    if (holdsBurst) lags.push({ fromSeconds: now + TICK_SECONDS, toSeconds: now + TICK_SECONDS, weight: share });
  };
  const mostBursts = Math.min(MOST_BURSTS, Math.max(LEAST_BURSTS, CYCLES / mean.cycles));
  let [bursts, cycles, outOfTime, seconds] = [0, 0, 0, 0];
  for (; bursts < mostBursts && lags.length < PARTS; bursts++) {
    const table = new SweptTable(contents, mean.steadySeconds, STRETCHES);
    const cycle = new SimulatedCycle(rules, costs, mean.sampled, table, bursts + 1, onVisit);
    let at = ((bursts * GOLDEN_RATIO) % 1) * rules.periodSeconds;
    while (table.front.holdsBurst) {
      const { nextAt, isOutOfTime } = cycle.period(at);
      cycles++;
      if (isOutOfTime) outOfTime++;
      at = nextAt;
    }
    seconds += lags.at(-1)!.toSeconds;
  }
  return { lags: new LagDistribution(lags), sweepSeconds: seconds / bursts, outOfTimeShare: outOfTime / cycles };
}
