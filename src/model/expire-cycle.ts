/**
 * The active expire cycle as a model: how late it finds keys that nobody reads.
 *
 * Redis' cycle (`activeExpireCycle` in expire.c; of 6.0 to 8.0 and of Valkey 8) is a cursor over all keys that have a TTL,
 * due or not. `hz` times a second it samples K keys where the cursor is, deletes those that are due, and goes on with the
 * next K as long as the share of them that was due exceeds the acceptable one. So:
 *
 * - a loop of K keys, a share f of which is due, is the cycle's last with the probability q(f) = P[Binomial(K, f) < m], where
 *   m is the least number of K that is more than acceptable: keys visited a second R(f) = K · hz / q(f);
 * - in a steady state as many are deleted as fall due, f · R(f) = λ, which gives f whatever the number of keys; and what falls
 *   due in one sweep of T seconds is that share of all keys, λT = f · (N + λT), which gives T = f / (1 − f) · N / λ;
 * - of a burst of B keys due at once the cursor finds a share f = B / (N + B) all along its sweep;
 * - a key is met when the cursor comes by: its distance is uniform over the table. Each loop before it ends its cycle with
 *   probability q, so that the cycles to wait for are Binomial(loops before it, q), after the first, which comes within 1/hz;
 *   the keys of a burst wait for the same cycles, so that of them the mean is taken.
 *
 * A cycle that runs out of its time budget stops as well; how soon that is depends on what a deletion costs, see `CycleCosts`.
 */
import { binomialAtMost } from './binomial.ts';

/** What is in the table of TTLs, and how fast it falls due. Nobody reads these keys. */
export interface CycleWorkload {
  /** Keys with a TTL that are not due. */
  liveKeys: number;
  /** Keys that fall due a second, all the time; 0 for none. */
  duePerSecond: number;
  /** Keys that fall due at one moment, beside. (Default: 0) */
  burst?: number;
}

export interface CycleSettings {
  /** The hz in force. */
  hz: number;
  /** active-expire-effort, 1 to 10. */
  effort: number;
}

/** Processor time of the cycle. Of this server's, `expire_cycle_cpu_milliseconds` over `expired_keys` tells the second. */
export interface CycleCosts {
  visitUs: number;
  deletionUs: number;
}

export interface ExpiryPrediction {
  /** Lags: those of the burst where there is one, else of the keys that fall due all the time. */
  p50Seconds: number;
  p99Seconds: number;
  meanSeconds: number;
  /** Keys past their deadline in memory: of a steady state rate × mean lag, of a burst at its start. */
  staleKeys: number;
  /** For the cursor to come round. */
  sweepSeconds: number;
  /** Whether the cycle's time budget, not its sampling, decides. */
  isBudgetBound: boolean;
  /** Share of the keys that are deleted within so many seconds of their deadline, 0 to 1. */
  shareWithin(seconds: number): number;
}

/** Measured on Redis 7.0 on a core of 2.1 GHz: a key that is looked at, and one that is deleted with its event. */
const COSTS: CycleCosts = { visitUs: 0.1, deletionUs: 2 };

/** The budget is looked at once in so many loops. */
const LOOPS_PER_LOOK = 16;
/** Of the distance to the cursor, and of the phase within a period. */
const DISTANCES = 128;
const PHASES = 4;

/**
 * @throws {RangeError} for negative counts, an hz outside 1 to 500 or an effort outside 1 to 10
 */
export function predictExpiry(
  workload: CycleWorkload,
  settings: CycleSettings,
  costs: CycleCosts = COSTS,
): ExpiryPrediction {
  const { liveKeys, duePerSecond, burst = 0 } = workload;
  const { hz, effort } = settings;
  for (const [name, value] of Object.entries({ liveKeys, duePerSecond, burst })) {
    if (!(value >= 0)) throw new RangeError(`${name} is ${value}; it must be 0 or more`);
  }
  if (!(hz >= 1 && hz <= 500)) throw new RangeError(`hz is ${hz}; it is from 1 to 500`);
  if (!(effort >= 1 && effort <= 10)) throw new RangeError(`effort is ${effort}; it is from 1 to 10`);
  const cycle = new Cycle(hz, effort, costs);
  const steadyShare = cycle.steadyShare(duePerSecond);
  const steadyKeys = liveKeys / (1 - steadyShare);
  const keys = steadyKeys + burst;
  const dueShare = keys === 0 ? 0 : (steadyKeys * steadyShare + burst) / keys;
  const loops = cycle.loopsIn(keys, dueShare);
  const shareWithin = (seconds: number): number =>
    burst > 0 ? cycle.burstWithin(seconds, loops) : cycle.steadyWithin(seconds, loops);
  const sweepSeconds = Math.max(1, loops.toSweep * loops.stopShare) / hz;
  const meanSeconds = (0.5 + (Math.max(0, loops.toSweep - 1) * loops.stopShare) / 2) / hz;
  const quantile = (share: number): number => quantileOf(shareWithin, share, 4 * sweepSeconds + 4 / hz);
  return {
    p50Seconds: quantile(0.5),
    p99Seconds: quantile(0.99),
    meanSeconds,
    staleKeys: burst > 0 ? keys * dueShare : duePerSecond * meanSeconds,
    sweepSeconds,
    isBudgetBound: loops.isBudgetBound,
    shareWithin,
  };
}

interface Loops {
  /** For the cursor to come round. */
  toSweep: number;
  /** Of a loop: the probability that it is its cycle's last. */
  stopShare: number;
  isBudgetBound: boolean;
}

class Cycle {
  readonly #hz: number;
  readonly #keysPerLoop: number;
  readonly #acceptablePercent: number;
  readonly #budgetUs: number;
  readonly #costs: CycleCosts;

  constructor(hz: number, effort: number, costs: CycleCosts) {
    const extra = effort - 1;
    this.#hz = hz;
    this.#keysPerLoop = 20 + 5 * extra;
    this.#acceptablePercent = 10 - extra;
    this.#budgetUs = ((25 + 2 * extra) / 100 / hz) * 1e6;
    this.#costs = costs;
  }

  /** The share of due keys at the cursor at which as many are deleted as fall due. */
  steadyShare(duePerSecond: number): number {
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      const deletedPerSecond = (middle * this.#keysPerLoop * this.#hz) / this.#stopShare(middle).stopShare;
      if (deletedPerSecond < duePerSecond) low = middle;
      else high = middle;
    }
    return low;
  }

  loopsIn(keys: number, dueShare: number): Loops {
    return { toSweep: keys / this.#sampled(keys), ...this.#stopShare(dueShare) };
  }

  /** Share of a burst that is met within so many seconds: the cursor goes once over the table. */
  burstWithin(seconds: number, { toSweep, stopShare }: Loops): number {
    const loops = (seconds * this.#hz - 0.5) / stopShare + 1;
    return Math.min(1, Math.max(0, loops / toSweep));
  }

  /** The same of keys that fall due all the time, over the distances to the cursor and the phases of the cycle. */
  steadyWithin(seconds: number, { toSweep, stopShare }: Loops): number {
    let sum = 0;
    for (let phase = 0.5; phase < PHASES; phase++) {
      const cycles = Math.floor(seconds * this.#hz - phase / PHASES);
      for (let distance = 0.5; distance < DISTANCES; distance++) {
        sum += binomialAtMost(cycles, Math.floor((toSweep * distance) / DISTANCES), stopShare);
      }
    }
    return sum / (PHASES * DISTANCES);
  }

  /** Keys of a loop: whole chains are visited, by half the load of the table more than K on average. */
  #sampled(keys: number): number {
    const load = keys / 2 ** Math.ceil(Math.log2(Math.max(4, keys)));
    return Math.min(Math.max(1, keys), this.#keysPerLoop + load / 2);
  }

  #stopShare(dueShare: number): Omit<Loops, 'toSweep'> {
    const sampled = this.#keysPerLoop;
    const enough = Math.floor((this.#acceptablePercent * sampled) / 100);
    // expired*100/sampled, a whole number, must exceed what is acceptable.
    const most = Math.floor(((enough + 1) * 100) / sampled) > this.#acceptablePercent ? enough : enough + 1;
    const byShare = binomialAtMost(most, sampled, dueShare);
    const loopUs = sampled * (this.#costs.visitUs + dueShare * this.#costs.deletionUs);
    const budgetLoops = LOOPS_PER_LOOK * Math.ceil(this.#budgetUs / loopUs / LOOPS_PER_LOOK);
    const byBudget = 1 / budgetLoops;
    // A cycle of so many loops at most: the mean of a truncated geometric distribution.
    const mean = byShare < 1e-12 ? budgetLoops : (1 - (1 - byShare) ** budgetLoops) / byShare;
    return { stopShare: 1 / mean, isBudgetBound: byShare < byBudget };
  }
}

/** The least time within which a share is reached. */
function quantileOf(shareWithin: (seconds: number) => number, share: number, mostSeconds: number): number {
  let [low, high] = [0, mostSeconds];
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle) < share) low = middle;
    else high = middle;
  }
  return high;
}
