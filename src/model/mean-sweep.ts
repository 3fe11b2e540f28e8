import { type CycleCosts, type CycleRules, LOOPS_PER_LOOK, loopSeconds, stopShare } from './cycle-rules.ts';
import { bucketsFor, type TableContents } from './swept-table.ts';

/** The cursor's way round on average, over a table that holds the burst where there is one. */
export interface MeanSweep {
  cycles: number;
  seconds: number;
  /** Keys that a loop samples: whole buckets, so that it is by half the keys of one more than K. */
  sampled: number;
  outOfTimeShare: number;
  /** The way round before the burst. */
  steadySeconds: number;
}

/** @returns null where the time budget does not suffice for what falls due */
export function meanSweep(contents: TableContents, rules: CycleRules, costs: CycleCosts): MeanSweep | null {
  const { liveKeys, duePerSecond, burst } = contents;
  const keysPerBucket = (liveKeys + burst) / bucketsFor((liveKeys + burst) / rules.bucketKeys);
  const sampled = rules.keysPerLoop + keysPerBucket / 2;
  const steadyShare = steadyDueShare(rules, costs, sampled, duePerSecond);
  if (steadyShare === 1) return null;
  // If the whole table were as it is at the cursor.
  const steadyKeys = liveKeys / (1 - steadyShare);
  const steadyDue = steadyShare * steadyKeys;
  const round = (all: number, due: number) => {
    const mean = meanCycle(rules, costs, sampled, all === 0 ? 0 : due / all);
    const cycles = all / mean.keys;
    return { cycles, seconds: Math.max(1, cycles) * mean.seconds, outOfTimeShare: mean.outOfTimeShare };
  };
  const steadySeconds = round(steadyKeys, steadyDue).seconds;
  return { ...round(steadyKeys + burst, steadyDue + burst), sampled, steadySeconds };
}

/** Where a share of the keys at the cursor is due. */
interface MeanCycle {
  /** Keys that the cursor passes in a period: in the slow cycle and in the fast ones that follow one out of time. */
  keys: number;
  /** The period, and the slow cycle before it. */
  seconds: number;
  /** The probability that the slow cycle runs out of time. */
  outOfTimeShare: number;
}

function meanCycle(rules: CycleRules, costs: CycleCosts, sampled: number, dueShare: number): MeanCycle {
  const stops = stopShare(rules, sampled, dueShare);
  const perLoop = loopSeconds({ all: sampled, due: dueShare * sampled }, costs);
  const limited = (limitSeconds: number) => {
    const most = Math.ceil(limitSeconds / perLoop / LOOPS_PER_LOOK) * LOOPS_PER_LOOK;
    const outOfTimeShare = (1 - stops) ** most;
    // The mean of a geometric distribution that is cut off.
    const loops = stops < 1e-12 ? most : (1 - outOfTimeShare) / stops;
    return { loops, outOfTimeShare, seconds: loops * perLoop };
  };
  const slow = limited(rules.slowSeconds);
  const fast = limited(rules.fastSeconds);
  const fastCycles = 1 + rules.periodSeconds / rules.fastGapSeconds;
  return {
    keys: (slow.loops + slow.outOfTimeShare * fastCycles * fast.loops) * sampled,
    seconds: rules.periodSeconds + slow.seconds,
    outOfTimeShare: slow.outOfTimeShare,
  };
}

/**
 * The share of due keys at the cursor at which as many are deleted as fall due.
 *
 * @returns 1 where the budget does not suffice, however many are due
 */
function steadyDueShare(rules: CycleRules, costs: CycleCosts, sampled: number, duePerSecond: number): number {
  const keepsUp = (dueShare: number): boolean => {
    const { keys, seconds } = meanCycle(rules, costs, sampled, dueShare);
    return (dueShare * keys) / seconds >= duePerSecond;
  };
  if (!keepsUp(1)) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (keepsUp(middle)) high = middle;
    else low = middle;
  }
  return high;
}
