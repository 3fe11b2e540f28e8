import type { Result } from '../../result/schema.ts';
import { formatClock } from '../precision.ts';

/** Parts of a clock's face, seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;
const MOST_STEPS = 6;

export interface TimeAxis {
  format(seconds: number): string;
  domain: readonly [number, number];
  ticks: readonly number[];
}

/** Time of the measurement, the same across all charts of a run. */
export function timeAxis({ series }: Result): TimeAxis {
  const from = series.atSeconds[0] ?? 0;
  const to = Math.max(series.atSeconds.at(-1) ?? 0, from + 1);
  const step = STEPS.find((seconds) => (to - from) / seconds <= MOST_STEPS) ?? STEPS.at(-1)!;
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => (first + i) * step);
  return { format: (seconds) => formatClock(seconds * 1000), domain: [from, to], ticks };
}
