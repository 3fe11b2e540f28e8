/**
 * The rules of `activeExpireCycle` in expire.c, of Redis 6.0 to 8.0 and of Valkey to 9.1: what decides how far a cycle goes.
 */
import { binomialAtMost } from './binomial.ts';

export interface CycleSettings {
  /** The hz in force. */
  hz: number;
  /** active-expire-effort, 1 to 10. */
  effort: number;
  /** Keys that a bucket of the table is made for, see `bucketKeysOf`. (Default: 1) */
  bucketKeys?: number;
}

/** Processor time of the cycle. Of a server's own, `expire_cycle_cpu_milliseconds` over `expired_keys` tells the second. */
export interface CycleCosts {
  /** To look at a key. */
  visitUs: number;
  /** To delete one and to publish its event. */
  deletionUs: number;
}

export interface CycleRules {
  /** From the end of a slow cycle to the start of the next. */
  periodSeconds: number;
  /** A loop of a cycle ends with the chain of keys in which it has sampled so many. */
  keysPerLoop: number;
  /** Keys that a bucket of the table is made for. */
  bucketKeys: number;
  /** A cycle goes on with the next loop while more percent of the sampled keys than this were due. */
  acceptablePercent: number;
  /** Time that a slow cycle, and a fast one, may take. Looked at once in `LOOPS_PER_LOOK` loops. */
  slowSeconds: number;
  fastSeconds: number;
  /** From the start of a fast cycle to that of the next: twice its time at least, then when the event loop comes round. */
  fastGapSeconds: number;
}

export const LOOPS_PER_LOOK = 16;
/** A key is deleted when now > deadline, in whole milliseconds. */
export const TICK_SECONDS = 0.001;
/** From the time that a wait of the event loop was for, to the cycle. Measured on Redis 7.0, on a server at rest. */
const WAKE_SECONDS = 0.0001;
/** What is left of a wait that a command interrupted is rounded up to whole milliseconds. */
const ROUNDING_SECONDS = 0.0005;

/**
 * @param wakesPerSecond how often clients wake the event loop
 * @throws {RangeError} for an hz outside 1 to 500 or an effort outside 1 to 10
 */
export function cycleRules({ hz, effort, bucketKeys = 1 }: CycleSettings, wakesPerSecond: number): CycleRules {
  if (!(hz >= 1 && hz <= 500)) throw new RangeError(`hz is ${hz}; it is from 1 to 500`);
  if (!(effort >= 1 && effort <= 10)) throw new RangeError(`effort is ${effort}; it is from 1 to 10`);
  if (!(bucketKeys >= 1)) throw new RangeError(`bucketKeys is ${bucketKeys}; it is 1 or more`);
  const extra = effort - 1;
  const fastSeconds = (1000 + 250 * extra) / 1e6;
  // The timer has whole milliseconds: an hz of 334 to 499 is one of 500.
  const timerSeconds = Math.floor(1000 / hz) / 1000;
  const interruptedShare = 1 - Math.exp(-wakesPerSecond * timerSeconds);
  return {
    periodSeconds: timerSeconds + WAKE_SECONDS + interruptedShare * ROUNDING_SECONDS,
    keysPerLoop: 20 + 5 * extra,
    bucketKeys,
    acceptablePercent: 10 - extra,
    slowSeconds: (25 + 2 * extra) / 100 / hz,
    fastSeconds,
    fastGapSeconds: 2 * fastSeconds + 1 / wakesPerSecond,
  };
}

/**
 * The probability that a loop is its cycle's last, where a share of the keys is due.
 *
 * @param sampled keys of the loop on average; between two whole numbers it is a mixture of both
 */
export function stopShare({ acceptablePercent }: CycleRules, sampled: number, dueShare: number): number {
  const whole = Math.floor(sampled);
  const rest = sampled - whole;
  const stops = (n: number): number => binomialAtMost(mostAcceptable(n, acceptablePercent), n, dueShare);
  return (1 - rest) * stops(whole) + (rest === 0 ? 0 : rest * stops(whole + 1));
}

/** The most keys of so many that are acceptable: expired * 100 / sampled, a whole number, must not exceed the percentage. */
function mostAcceptable(sampled: number, acceptablePercent: number): number {
  return Math.ceil(((acceptablePercent + 1) * sampled) / 100) - 1;
}

/** Keys that a bucket of a server's table is made for: from Valkey 8.1 on it is a cache line of 7, elsewhere a chain. */
export function bucketKeysOf(engine: string, version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return engine === 'valkey' && (major > 8 || (major === 8 && minor >= 1)) ? 7 : 1;
}

/** Time of a cycle for so many keys looked at, some of them deleted. */
export function loopSeconds({ all, due }: { all: number; due: number }, { visitUs, deletionUs }: CycleCosts): number {
  return (all * visitUs + due * deletionUs) / 1e6;
}
