import { TraceFile } from '../scenario/trace-file.ts';
import type { Arrivals } from './arrivals.ts';
import { firstOf, type Segment } from './segment.ts';

/** A value that a line does not have. */
const NONE = 0xffffffff;

/** What the sessions of a trace have of their own, in the order of its lines: eight bytes a session. */
export class TraceTimes {
  readonly #ttlMs: Uint32Array;
  readonly #activityMs: Uint32Array;

  /** @throws {Error} when the file has changed since the scenario was loaded */
  constructor(file: string, sessions: number) {
    this.#ttlMs = new Uint32Array(sessions);
    this.#activityMs = new Uint32Array(sessions);
    const trace = new TraceFile(file);
    for (let i = 0; i < sessions; i++) {
      if (!trace.next()) throw new Error(`${file} has become shorter: ${i} sessions, it had ${sessions}`);
      this.#ttlMs[i] = stored(trace.ttlMs);
      this.#activityMs[i] = stored(trace.activityMs);
    }
  }

  /** `null` when the line has none. */
  ttlMs(line: number): number | null {
    return known(this.#ttlMs[line]!);
  }

  activityMs(line: number): number | null {
    return known(this.#activityMs[line]!);
  }
}

/** Whole ms: TTLs are shorter than 49 days, and longer visits outlast every run. */
function stored(ms: number | null): number {
  return ms === null ? NONE : Math.min(Math.round(ms), NONE - 1);
}

function known(ms: number): number | null {
  return ms === NONE ? null : ms;
}

/** The arrivals of a trace, read as they come. */
export class TraceArrivals implements Arrivals {
  atMs = 0;
  index: number;
  readonly #trace: TraceFile;
  readonly #end: number;
  readonly #step: number;
  /** Index of the line read last. */
  #read: number;

  constructor(file: string, first: number, sessions: number, segment: Segment) {
    this.#trace = new TraceFile(file);
    this.#end = first + sessions;
    this.#step = segment.of;
    this.#read = first - 1;
    this.index = firstOf(first, segment);
    this.#place();
  }

  advance(): void {
    this.index += this.#step;
    this.#place();
  }

  #place(): void {
    if (this.index >= this.#end) {
      this.atMs = Number.POSITIVE_INFINITY;
      return;
    }
    for (; this.#read < this.index; this.#read++) this.#trace.next();
    this.atMs = this.#trace.arrivalMs;
  }
}
