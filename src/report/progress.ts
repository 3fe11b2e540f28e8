import type { PhaseName, ProgressStatus } from '../run/progress-status.ts';
import { formatClock, formatCount, formatLag } from './precision.ts';
import { StatusLine } from './status-line.ts';

/** Progress is a glance: tenths of a ms are enough, whatever the clock's error. */
const GLANCE_ERROR_MS = 0.1;

/** Tells how a run goes. */
export class Progress {
  readonly #line: StatusLine;
  #phase: PhaseName | null = null;
  /** Elapsed time at which the phase began. */
  #phaseBeganMs = 0;

  /** @param options.now milliseconds of a clock that never steps (Default: the monotonic clock.) */
  constructor(stream: NodeJS.WriteStream, options: { quiet: boolean; now?: () => number }) {
    this.#line = new StatusLine(stream, options);
  }

  update(status: ProgressStatus): void {
    const { phase, elapsedMs, remainingMs } = status;
    if (phase !== this.#phase) this.#phaseBeganMs = elapsedMs;
    this.#phase = phase;
    const inPhaseMs = elapsedMs - this.#phaseBeganMs;
    const [head, ...parts] = describe(status) as [string, ...string[]];
    this.#line.update({
      topic: phase,
      head,
      parts,
      done: remainingMs === null ? null : inPhaseMs / Math.max(1, inPhaseMs + remainingMs),
      logged: `${formatClock(elapsedMs).padStart(5)}  ${[head, ...parts].join('  ')}`,
    });
  }

  /** Prints a line that stays; on a terminal above the line in place. */
  note(line: string): void {
    this.#line.note(line);
  }

  /** Takes the line in place away. */
  end(): void {
    this.#line.end();
  }
}

/** Phase, time left, counts: what matters most comes first. The lags are of the events heard, and say so. */
function describe(status: ProgressStatus): string[] {
  const { phase, remainingMs, planned, created, due, heard, stale, lagP50Ms, lagMaxMs } = status;
  const lag = (ms: number): string => formatLag(ms / 1000, GLANCE_ERROR_MS);
  const parts = [phase.padEnd('reconcile'.length)];
  if (remainingMs !== null) parts.push(`${formatClock(remainingMs)} left`);
  if (phase === 'fill') parts.push(`${formatCount(created)} of ${formatCount(planned)} created`);
  else if (created > 0) parts.push(`${formatCount(created)} created`);
  const lags = lagP50Ms === null || lagMaxMs === null ? '' : ` (p50 ${lag(lagP50Ms)}, max ${lag(lagMaxMs)})`;
  if (due > 0)
    parts.push(`${formatCount(due)} due`, `${formatCount(stale)} stale`, `${formatCount(heard)} heard${lags}`);
  return parts;
}
