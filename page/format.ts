import { formatBytes, formatCount, formatLag } from '../src/report/precision.ts';

export { formatBytes, formatCount };

/** The page is a glance: tenths of a ms are enough. */
const GLANCE_ERROR_MS = 0.1;

export function lag(seconds: number): string {
  return formatLag(seconds, GLANCE_ERROR_MS);
}

/** A lag that may not be reached. @param due sessions that fell due: of none there is no lag */
export function lagOr(seconds: number | null, due: number): string {
  if (seconds !== null) return lag(seconds);
  return due === 0 ? '–' : 'not reached';
}

export function bytesOr(bytes: number | null): string {
  return bytes === null ? 'not told' : formatBytes(bytes);
}

export function perSecond(rate: number): string {
  const digits = rate < 10 ? 1 : 0;
  return `${rate.toLocaleString('en-US', { maximumFractionDigits: digits })}/s`;
}

/** Steps of an axis of run time, seconds: none between two labels of `clock`. */
export const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** What an axis of run time spans, from the start on 10 s at least: the first points do not fill it. */
export function spanOf(start: number, end: number): [number, number] {
  return [start, Math.max(end, start + 10)];
}

/** Run time as on a clock face; below zero is the fill. */
export function clock(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  const two = (n: number): string => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return `${seconds < 0 && whole > 0 ? '−' : ''}${h > 0 ? `${h}:${two(m)}` : m}:${two(s)}`;
}
