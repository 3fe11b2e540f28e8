import { formatClock } from '../precision.ts';

/** Time of the measurement on a clock face; the fill is before 0:00. */
export function runTime(seconds: number): string {
  return `${seconds < -0.5 ? '−' : ''}${formatClock(Math.abs(Math.round(seconds)) * 1000)}`;
}
