import { monotonicMs } from '../redis/monotonic.ts';

const REDRAW_EVERY_MS = 200;
const LOG_EVERY_MS = 5000;
const BAR_WIDTH = 16;
const CLEAR_LINE = '\r\x1b[K';

/** How something goes, as text. */
export interface Status {
  /** What it is about: when this changes it is told at once. */
  topic: string;
  /** On a terminal: first, then after the bar. */
  head: string;
  parts: readonly string[];
  /** Share that is done; `null`: not known, no bar. */
  done: number | null;
  /** Where there is no terminal. */
  logged: string;
}

/**
 * Tells how something goes: on a terminal in place, on one line, at most five times a second; elsewhere a line at each
 * change of topic and every five seconds.
 */
export class StatusLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #quiet: boolean;
  readonly #now: () => number;
  #status: Status | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** @param options.now milliseconds of a clock that never steps (Default: the monotonic clock.) */
  constructor(stream: NodeJS.WriteStream, options: { quiet: boolean; now?: () => number }) {
    this.#stream = stream;
    this.#quiet = options.quiet;
    this.#now = options.now ?? monotonicMs;
  }

  update(status: Status): void {
    if (this.#quiet) return;
    const isNews = status.topic !== this.#status?.topic;
    this.#status = status;
    const nowMs = this.#now();
    const every = this.#stream.isTTY ? REDRAW_EVERY_MS : LOG_EVERY_MS;
    if (!isNews && nowMs - this.#toldAtMs < every) return;
    this.#toldAtMs = nowMs;
    if (this.#stream.isTTY) this.#draw();
    else this.#stream.write(`${status.logged}\n`);
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
    if (this.#status) this.#stream.write(CLEAR_LINE + drawLine(this.#status, (this.#stream.columns || 80) - 1));
  }
}

/** The line in place: with a bar where there is room for one, cut to the width otherwise. */
function drawLine({ head, parts, done }: Status, width: number): string {
  const whole = [head, drawBar(done), ...parts].filter((part) => part !== '').join('  ');
  if (whole.length <= width) return whole;
  const line = [head, ...parts].join('  ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

function drawBar(done: number | null): string {
  if (done === null) return '';
  const filled = Math.floor(BAR_WIDTH * done);
  return '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
}
