import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { uniformOf } from '../../src/load/draws.ts';
import { predictExpiry } from '../../src/model/expire-cycle.ts';
import { cycleByKeys } from './cycle-by-keys.ts';

const TOLERANCE = 0.08;

const near = (predicted: number, simulated: number, what: string): void => {
  const message = `${what}: predicted ${predicted}, key by key ${simulated}`;
  assert.ok(Math.abs(predicted / simulated - 1) <= TOLERANCE, message);
};
const draws = (seed: number): (() => number) => {
  let index = 0;
  return () => uniformOf(seed, index++, 0);
};
const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.floor(ascending.length * share)]!;

/** From sweeps of hundreds of cycles to sweeps of two or three, where chance tells. */
const STEADY = [
  { liveKeys: 6_000, duePerSecond: 200, hz: 10, effort: 1 },
  { liveKeys: 11_000, duePerSecond: 1_000, hz: 10, effort: 1 },
  { liveKeys: 20_000, duePerSecond: 10_000, hz: 10, effort: 1 },
  { liveKeys: 20_000, duePerSecond: 10_000, hz: 10, effort: 10 },
  { liveKeys: 20_000, duePerSecond: 10_000, hz: 100, effort: 5 },
  { liveKeys: 8_000, duePerSecond: 3_000, hz: 10, effort: 1 },
  { liveKeys: 1_000, duePerSecond: 2, hz: 10, effort: 1 },
];

for (const { liveKeys, duePerSecond, hz, effort } of STEADY) {
  test(`${liveKeys} live, ${duePerSecond}/s, hz ${hz}, effort ${effort}, as the cycle does key by key`, () => {
    const { p50Seconds, p99Seconds, sweepSeconds, meanSeconds } = predictExpiry(
      { liveKeys, duePerSecond },
      { hz, effort },
    );
    const warmUpSeconds = 3 * sweepSeconds;
    const seconds = warmUpSeconds + Math.max(40 * sweepSeconds, 2_000 / duePerSecond);
    const lags = cycleByKeys({ liveKeys, duePerSecond, burst: 0, hz, effort, warmUpSeconds, seconds, draw: draws(1) });
    near(p50Seconds, quantile(lags, 0.5), 'p50');
    near(p99Seconds, quantile(lags, 0.99), 'p99');
    near(meanSeconds, lags.reduce((sum, lag) => sum + lag, 0) / lags.length, 'mean');
  });
}

const BURSTS = [
  { liveKeys: 10_000, burst: 1_000, hz: 10, effort: 1, bursts: 20 },
  { liveKeys: 10_000, burst: 1_000, hz: 10, effort: 10, bursts: 200 },
  { liveKeys: 10_000, burst: 3_000, hz: 10, effort: 1, bursts: 40 },
];

for (const { liveKeys, burst, hz, effort, bursts } of BURSTS) {
  test(`${burst} at once beside ${liveKeys}, hz ${hz}, effort ${effort}: the middle one of ${bursts}`, () => {
    const idle = { liveKeys, burst, duePerSecond: 0, hz, effort, warmUpSeconds: 0, seconds: 0 };
    const all = Array.from({ length: bursts }, (_, seed) => cycleByKeys({ ...idle, draw: draws(seed) }));
    const middle = (share: number): number => {
      return quantile(
        all.map((lags) => quantile(lags, share)).sort((a, b) => a - b),
        0.5,
      );
    };
    const { p50Seconds, p99Seconds } = predictExpiry({ liveKeys, burst, duePerSecond: 0 }, { hz, effort });
    near(p50Seconds, middle(0.5), 'p50');
    near(p99Seconds, middle(0.99), 'p99');
  });
}

test.run();
