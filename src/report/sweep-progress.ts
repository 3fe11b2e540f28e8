import { printSettings } from '../experiment/settings.ts';
import type { SweepProgress } from '../experiment/sweep.ts';
import { formatClock } from './precision.ts';
import type { Status } from './status-line.ts';

/** How a sweep goes, for a StatusLine. `elapsedMs` is since it began, or was gone on with. */
export function sweepStatus({ done, runs, settings, remainingMs, wholeMs }: SweepProgress, elapsedMs: number): Status {
  const head = `run ${done + 1} of ${runs}`;
  const parts = [`${formatClock(remainingMs)} left`, printSettings(settings)];
  return {
    topic: head,
    head,
    parts,
    done: 1 - remainingMs / wholeMs,
    logged: `${formatClock(elapsedMs).padStart(5)}  ${[head, ...parts].join('  ')}`,
  };
}
