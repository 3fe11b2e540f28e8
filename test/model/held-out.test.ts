import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { predictExpiry } from '../../src/model/expire-cycle.ts';

/**
 * Live keys, keys due a second, hz, effort; p50 and p99 in seconds. Drawn at random and measured by
 * `npm run model -- --held-out` on Redis 7.0.15 when the model was done.
 */
const HELD_OUT = [
  [23_000, 97, 10, 10, 4.98, 9.97],
  [72_000, 160, 100, 10, 4.1, 8.24],
  [21_000, 500, 10, 5, 3.14, 6.48],
  [7_300, 16, 100, 10, 0.641, 1.14],
  [33_000, 43, 100, 10, 2.43, 4.88],
  [23_000, 2_800, 10, 1, 2.26, 4.81],
  [7_500, 250, 100, 1, 1.54, 3.18],
  [6_000, 83, 100, 1, 1.48, 3.08],
  [18_000, 390, 10, 10, 1.48, 3.51],
  [2_700, 170, 10, 10, 0.425, 1.04],
] as const;

const TOLERANCE = 0.15;
/** Of the keys that fall due, and so the time in which they are live. */
const TTL_SECONDS = 1;

for (const [live, duePerSecond, hz, effort, p50, p99] of HELD_OUT) {
  test(`${live} live, ${duePerSecond}/s, hz ${hz}, effort ${effort}: as measured`, () => {
    const liveKeys = live + duePerSecond * TTL_SECONDS;
    const { p50Seconds, p99Seconds } = predictExpiry({ liveKeys, duePerSecond }, { hz, effort });
    assert.ok(Math.abs(p50Seconds / p50 - 1) <= TOLERANCE, `p50: predicted ${p50Seconds}, measured ${p50}`);
    assert.ok(Math.abs(p99Seconds / p99 - 1) <= TOLERANCE, `p99: predicted ${p99Seconds}, measured ${p99}`);
  });
}

test.run();
