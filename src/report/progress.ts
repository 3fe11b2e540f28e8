import { monotonicMs } from '../redis/monotonic.ts';
import type { PhaseName, ProgressStatus } from '../run/progress-status.ts';
import { formatClock, formatCount, formatLag } from './precision.ts';

const REDRAW_EVERY_MS = 200;
const LOG_EVERY_MS = 5000;
const BAR_WIDTH = 16;
/** Progress is a glance: tenths of a ms are enough, whatever the clock's error. */
const GLANCE_ERROR_MS = 0.1;
const CLEAR_LINE = '\r\x1b[K';

/**
 * Tells how a run goes: on a terminal in place, on one line, at most five times a second; elsewhere a line at each
 * change of phase and every five seconds.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #now: () => number;
  #status: ProgressStatus | null = null;
  #toldPhase: PhaseName | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  /** Elapsed time at which the phase began. */
  #phaseBeganMs = 0;

  /** @param options.now milliseconds of a clock that never steps (Default: the monotonic clock.) */
  constructor(stream: NodeJS.WriteStream, options: { quiet: boolean; now?: () => number }) {
    this.#stream = stream;
    this.#quiet = options.quiet;
    this.#now = options.now ?? monotonicMs;
  }

  update(status: ProgressStatus): void {
    if (this.#quiet) return;
    this.#status = status;
    const nowMs = this.#now();
    const every = this.#stream.isTTY ? REDRAW_EVERY_MS : LOG_EVERY_MS;
    if (status.phase === this.#toldPhase && nowMs - this.#toldAtMs < every) return;
    if (status.phase !== this.#toldPhase) this.#phaseBeganMs = status.elapsedMs;
    this.#toldPhase = status.phase;
    this.#toldAtMs = nowMs;
    if (this.#stream.isTTY) this.#draw();
    else this.#stream.write(`${formatClock(status.elapsedMs).padStart(5)}  ${describe(status).join('  ')}\n`);
  }

  /** Prints a line that stays; on a terminal above the line in place. */
  note(line: string): void {
    if (this.#quiet) return;
    this.#stream.write(`${this.#stream.isTTY ? CLEAR_LINE : ''}${line}\n`);
    if (this.#stream.isTTY) this.#draw();
  }

  /** Takes the line in place away. */
  end(): void {
    if (!this.#quiet && this.#stream.isTTY && this.#status) this.#stream.write(CLEAR_LINE);
    this.#status = null;
  }

  #draw(): void {
    if (!this.#status) return;
    const bar = drawBar(this.#status.elapsedMs - this.#phaseBeganMs, this.#status.remainingMs);
    this.#stream.write(CLEAR_LINE + drawLine(this.#status, bar, (this.#stream.columns || 80) - 1));
  }
}

/** The line in place: with a bar where there is room for one, cut to the width otherwise. */
function drawLine(status: ProgressStatus, bar: string, width: number): string {
  const [phase, ...parts] = describe(status);
  const whole = [phase, bar, ...parts].filter((part) => part !== '').join('  ');
  if (whole.length <= width) return whole;
  const line = [phase, ...parts].join('  ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

function drawBar(inPhaseMs: number, remainingMs: number | null): string {
  if (remainingMs === null) return '';
  const done = Math.floor((BAR_WIDTH * inPhaseMs) / Math.max(1, inPhaseMs + remainingMs));
  return '█'.repeat(done) + '░'.repeat(BAR_WIDTH - done);
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
