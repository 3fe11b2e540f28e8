import { printSettings } from '../experiment/settings.ts';
import type { TuneProgress } from '../experiment/tune.ts';
import { formatClock } from './precision.ts';
import type { Status } from './status-line.ts';

/** How a search goes, for a StatusLine. `elapsedMs` is since it began. */
export function tuneStatus(progress: TuneProgress, budget: number, elapsedMs: number): Status {
  const { run, length, why, settings, wholeMs, remainingMs } = progress;
  const what = length === 'short' ? why : `${why}: ${printSettings(settings) || 'present settings'}`;
  const head = `run ${run} of at most ${budget}`;
  const parts = [`${formatClock(remainingMs)} left at most`, `${length}: ${what}`];
  return {
    topic: head,
    head,
    parts,
    done: 1 - remainingMs / wholeMs,
    logged: `${formatClock(elapsedMs).padStart(5)}  ${[head, ...parts].join('  ')}`,
  };
}
