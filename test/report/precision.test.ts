import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatBeyond,
  formatBytes,
  formatClock,
  formatCount,
  formatLag,
  formatShare,
} from '../../src/report/precision.ts';

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, min: 60_000 };

/** What a printed duration says, in ms, and the weight of its last digit that is not a bare zero before the point. */
function read(text: string): { ms: number; lastDigitMs: number; digits: number } {
  const match = /^-?([\d,]+)(\.\d+)? (ms|s|min)$/.exec(text);
  assert.ok(match, `"${text}" is not a duration`);
  const [, whole, fraction = '', unit] = match;
  const integer = whole!.replaceAll(',', '');
  const zeros = fraction === '' ? /0*$/.exec(integer)![0].length : 0;
  return {
    ms: Number(integer + fraction) * UNIT_MS[unit!]!,
    lastDigitMs: UNIT_MS[unit!]! * 10 ** (fraction === '' ? zeros : 1 - fraction.length),
    digits: (integer + fraction.slice(1)).replace(/^0+/, '').length,
  };
}

test('the unit follows the size', () => {
  assert.is(formatLag(0.00115, 0.01), '1.15 ms');
  assert.is(formatLag(0.2834, 0.06), '283 ms');
  assert.is(formatLag(18.84, 0.06), '18.8 s');
  assert.is(formatLag(180, 0.06), '180 s');
  assert.is(formatLag(754, 0.06), '12.6 min');
  assert.is(formatLag(86_400, 0.06), '1,440 min');
});

test('the error bounds the digits', () => {
  assert.is(formatLag(0.00115, 0), '1.15 ms');
  assert.is(formatLag(0.00116, 0.06), '1.2 ms');
  assert.is(formatLag(0.0118, 0.06), '11.8 ms');
  assert.is(formatLag(0.0118, 0.3), '12 ms');
  assert.is(formatLag(0.0118, 5), '10 ms');
  assert.is(formatLag(1.234, 5), '1.23 s');
  assert.is(formatLag(1.234, 30), '1.2 s');
});

test('what rounds to nothing prints as below the step', () => {
  assert.is(formatLag(0.00002, 0.06), '< 0.1 ms');
  assert.is(formatLag(-0.00002, 0.06), '< 0.1 ms');
  assert.is(formatLag(0.002, 5), '< 10 ms');
  assert.is(formatLag(0, 0.06), '0 ms');
});

test('a value that rounds up to the next unit is told in that unit', () => {
  assert.is(formatLag(0.9996, 0.06), '1.00 s');
  assert.is(formatLag(0.009996, 0.005), '10.0 ms');
  assert.is(formatLag(599.96, 0.06), '10.0 min');
});

test('a negative lag keeps its sign', () => {
  assert.is(formatLag(-0.0042, 0.06), '-4.2 ms');
});

test('a bound that was not reached is rounded down', () => {
  assert.is(formatBeyond(180, 0.06), '> 180 s');
  assert.is(formatBeyond(20, 0.06), '> 20 s');
  assert.is(formatBeyond(19.99, 0.06), '> 19.9 s');
  assert.is(formatBeyond(0.2839, 0.06), '> 283 ms');
});

test('no digit below the error, three significant digits, never off by more than half of what is printed', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -9, max: 6.6, noNaN: true }),
      fc.double({ min: -4, max: 3, noNaN: true }),
      (lagExponent, errorExponent) => {
        const seconds = 10 ** lagExponent;
        const errorMs = 10 ** errorExponent;
        const text = formatLag(seconds, errorMs);
        if (text.startsWith('< ')) {
          const { ms } = read(text.slice(2));
          assert.ok(ms >= errorMs && seconds * 1000 < ms, `${seconds} s ± ${errorMs} ms printed as ${text}`);
          return;
        }
        const { ms, lastDigitMs, digits } = read(text);
        assert.ok(lastDigitMs >= errorMs * (1 - 1e-9), `${seconds} s ± ${errorMs} ms printed as ${text}`);
        assert.ok(lastDigitMs >= 0.01 * (1 - 1e-9), text);
        assert.ok(digits <= 3 || text.endsWith('min'), text);
        assert.ok(
          Math.abs(ms - seconds * 1000) <= Math.max(lastDigitMs / 2, ms * 0.005) * (1 + 1e-9),
          `${seconds} s printed as ${text}`,
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test('a bound never claims more than was seen', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e6, noNaN: true }), (seconds) => {
      assert.ok(read(formatBeyond(seconds, 0.06).slice(2)).ms <= seconds * 1000 * (1 + 1e-9));
    }),
  );
});

test('counts, shares, bytes, clock', () => {
  assert.is(formatCount(10_000_000), '10,000,000');
  assert.is(formatShare(0, 10), '0%');
  assert.is(formatShare(10, 10), '100%');
  assert.is(formatShare(412, 1000), '41.2%');
  assert.is(formatShare(1, 1_000_000), '< 0.1%');
  assert.is(formatShare(999_999, 1_000_000), '> 99.9%');
  assert.is(formatShare(0, 0), '-');
  assert.is(formatBytes(0), '0 B');
  assert.is(formatBytes(209_600), '210 kB');
  assert.is(formatBytes(999_900), '1 MB');
  assert.is(formatClock(7100), '0:08');
  assert.is(formatClock(3_723_000), '1:02:03');
});

test.run();
