/** The finest step that is printed, in ms: two decimals, whatever the error. */
const FINEST_MS = 0.01;
const SIGNIFICANT_DIGITS = 3;

const UNITS = [
  { name: 'ms', ms: 1, below: 1000 },
  { name: 's', ms: 1000, below: 600 },
  { name: 'min', ms: 60_000, below: Number.POSITIVE_INFINITY },
] as const;

/**
 * A duration for people, with no digit that the measurement does not carry: it is rounded to the smallest power of ten
 * of its unit that is not below the error, and to three significant digits at most. What rounds to nothing prints as
 * `< 0.1 ms`.
 *
 * @param seconds the duration; may be negative
 * @param errorMs bound of its error, ≥ 0 (0.06 prints tenths of a ms, 5 prints tens of ms)
 */
export function formatLag(seconds: number, errorMs: number): string {
  const { value, step, decimals, unit } = rounded(Math.abs(seconds) * 1000, errorMs, Math.round);
  if (value === 0) return seconds === 0 ? `0 ${unit}` : `< ${print(step, decimals)} ${unit}`;
  return `${seconds < 0 ? '-' : ''}${print(value, decimals)} ${unit}`;
}

/** A duration that was not reached, as `> 180 s`: rounded down, so that the bound holds as it is printed. */
export function formatBeyond(seconds: number, errorMs: number): string {
  const { value, decimals, unit } = rounded(seconds * 1000, errorMs, (x) => Math.floor(x + 1e-9));
  return `> ${value.toLocaleString('en-US', { maximumFractionDigits: decimals })} ${unit}`;
}

function rounded(ms: number, errorMs: number, round: (x: number) => number) {
  for (const { name, ms: unitMs, below } of UNITS) {
    const floor = errorDigit(Math.max(errorMs, FINEST_MS) / unitMs);
    const exact = ms / unitMs;
    let exponent = exact === 0 ? floor : Math.max(floor, Math.floor(Math.log10(exact)) + 1 - SIGNIFICANT_DIGITS);
    if (round(exact / 10 ** exponent) >= 10 ** SIGNIFICANT_DIGITS) exponent++;
    const step = 10 ** exponent;
    const value = round(exact / step) * step;
    if (value < below) return { value, step, decimals: Math.max(0, -exponent), unit: name };
  }
  throw new RangeError(`${ms} ms with an error of ${errorMs} ms is not a duration to print`);
}

/** Exponent of the smallest power of ten that is not below x. */
function errorDigit(x: number): number {
  const exponent = Math.ceil(Math.log10(x));
  return 10 ** exponent < x ? exponent + 1 : exponent;
}

function print(value: number, decimals: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

/** A count with thousands separators: `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A share in per cent with one decimal; `0%` and `100%` only for none and all, `-` of nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '-';
  if (part === 0) return '0%';
  if (part === whole) return '100%';
  const percent = (100 * part) / whole;
  if (percent < 0.1) return '< 0.1%';
  return percent > 99.9 ? '> 99.9%' : `${percent.toFixed(1)}%`;
}

/** Bytes in decimal units, with three significant digits at most: `210 kB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (Number(value.toPrecision(SIGNIFICANT_DIGITS)) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(SIGNIFICANT_DIGITS))} ${units[unit]}`;
}

/** A span on a clock face, rounded up to the second: `0:07`, `12:30`, `1:02:03`. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
