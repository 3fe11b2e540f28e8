import { CAUSES, type CauseName } from './outcome.ts';
import { STATES, type State } from './transitions.ts';

/** Bytes that a session takes in the ledger. */
export const BYTES_PER_ROW = 24;

/** The latest deadline that a row can carry: u32 milliseconds from the run's start, 49.7 days. */
export const LATEST_DEADLINE_MS = 2 ** 32 - 2;

/** The deadline of a session that has none: its key is there without a TTL. */
export const NEVER_MS = 2 ** 32 - 1;

/** A byte holds the state (4 bits), the cause (3 bits), and whether something about the life was left open. */
const STATE_BITS = 0x0f;
const CAUSE_BITS = 0x70;
const CAUSE_SHIFT = 4;
const AMBIGUOUS = 0x80;

const HEARD_FRACTIONS = 2 ** 16;
/** What was heard at one time may differ by so much once it is in a row, ms. */
export const HEARD_RESOLUTION_MS = 1 / HEARD_FRACTIONS;
/** The error of a deadline: steps of 0.01 ms to 650 ms, behind them steps of a second, as of a server that stood still. */
const ERROR_STEPS_PER_MS = 100;
const FINE_STEPS = 65_000;
const FINE_MS = FINE_STEPS / ERROR_STEPS_PER_MS;
const COARSE_STEP_MS = 1000;

const codesOf = <Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> =>
  Object.fromEntries(names.map((name, code) => [name, code])) as Record<Name, number>;

const STATE_CODE = codesOf<State>(STATES);
const CAUSE_CODE = codesOf<CauseName>(CAUSES);

/**
 * One row a session, in columns over one SharedArrayBuffer, so that another thread can read them without a copy.
 * A row holds the session's current life. Times are milliseconds of the server's clock from the run's start.
 */
export class Rows {
  readonly count: number;
  readonly buffer: SharedArrayBuffer;
  readonly deadlineMs: Uint32Array;
  readonly createdMs: Uint32Array;
  /** When a reply last showed the key present. */
  readonly lastSeenMs: Uint32Array;
  readonly cohort: Uint8Array;
  /** Lives begun so far, less one. */
  readonly generation: Uint8Array;
  /** What of it is not final: see `InFlightTable`. */
  readonly inFlight: Uint8Array;
  readonly #heardMs: Uint32Array;
  readonly #heardFraction: Uint16Array;
  readonly #deadlineError: Uint16Array;
  readonly #life: Uint8Array;

  constructor(count: number) {
    this.count = count;
    this.buffer = new SharedArrayBuffer(count * BYTES_PER_ROW);
    let offset = 0;
    const place = (bytes: number): number => {
      const at = offset;
      offset += bytes * count;
      return at;
    };
    this.deadlineMs = new Uint32Array(this.buffer, place(4), count);
    this.createdMs = new Uint32Array(this.buffer, place(4), count);
    this.lastSeenMs = new Uint32Array(this.buffer, place(4), count);
    this.#heardMs = new Uint32Array(this.buffer, place(4), count);
    this.#heardFraction = new Uint16Array(this.buffer, place(2), count);
    this.#deadlineError = new Uint16Array(this.buffer, place(2), count);
    this.#life = new Uint8Array(this.buffer, place(1), count);
    this.inFlight = new Uint8Array(this.buffer, place(1), count);
    this.cohort = new Uint8Array(this.buffer, place(1), count);
    this.generation = new Uint8Array(this.buffer, place(1), count);
  }

  state(row: number): State {
    return STATES[this.#life[row]! & STATE_BITS]!;
  }

  setState(row: number, state: State): void {
    this.#life[row] = (this.#life[row]! & ~STATE_BITS) | STATE_CODE[state];
  }

  /** Whether its life has begun and not ended. */
  isPresent(row: number): boolean {
    const state = this.#life[row]! & STATE_BITS;
    return state >= STATE_CODE.live && state <= STATE_CODE.open;
  }

  cause(row: number): CauseName {
    return CAUSES[(this.#life[row]! & CAUSE_BITS) >> CAUSE_SHIFT]!;
  }

  setCause(row: number, cause: CauseName): void {
    this.#life[row] = (this.#life[row]! & ~CAUSE_BITS) | (CAUSE_CODE[cause] << CAUSE_SHIFT);
  }

  isAmbiguous(row: number): boolean {
    return (this.#life[row]! & AMBIGUOUS) !== 0;
  }

  setAmbiguous(row: number, ambiguous: boolean): void {
    this.#life[row] = (this.#life[row]! & ~AMBIGUOUS) | (ambiguous ? AMBIGUOUS : 0);
  }

  /** When the event that ended the life was heard, to 15 ns; `null` where none was. */
  heardMs(row: number): number | null {
    const whole = this.#heardMs[row]!;
    const fraction = this.#heardFraction[row]!;
    return whole === 0 && fraction === 0 ? null : whole + fraction / HEARD_FRACTIONS;
  }

  setHeard(row: number, atMs: number | null): void {
    const whole = atMs === null ? 0 : Math.floor(atMs);
    this.#heardMs[row] = whole;
    this.#heardFraction[row] = atMs === null ? 0 : Math.max(1, Math.floor((atMs - whole) * HEARD_FRACTIONS));
  }

  /** How far the deadline may be off, in ms, rounded up to 0.01 ms, above 650 ms to a second; at most 535 s can be told. */
  deadlineErrorMs(row: number): number {
    const steps = this.#deadlineError[row]!;
    return steps <= FINE_STEPS ? steps / ERROR_STEPS_PER_MS : FINE_MS + (steps - FINE_STEPS) * COARSE_STEP_MS;
  }

  setDeadline(row: number, deadlineMs: number, errorMs: number): void {
    if (!(deadlineMs >= 0 && deadlineMs <= LATEST_DEADLINE_MS) && deadlineMs !== NEVER_MS) {
      throw new RangeError(`deadline ${deadlineMs} ms from the run's start; a row carries 0 to ${LATEST_DEADLINE_MS}`);
    }
    this.deadlineMs[row] = deadlineMs;
    const fine = Math.ceil(errorMs * ERROR_STEPS_PER_MS);
    const steps = fine <= FINE_STEPS ? fine : FINE_STEPS + Math.ceil((errorMs - FINE_MS) / COARSE_STEP_MS);
    this.#deadlineError[row] = Math.min(65535, steps);
  }

  /**
   * Lives without an end, in one pass over all rows: those not past their deadline at `atMs` and those past it, these by
   * cohort too; of all of them, `close` are those of which the errors, or the server's whole ms, leave that open.
   */
  countLive(atMs: number, cohorts: number): { live: number; stale: number; close: number; staleOf: number[] } {
    const wholeMs = Math.floor(atMs);
    let live = 0;
    let stale = 0;
    let close = 0;
    const staleOf = new Array<number>(cohorts).fill(0);
    for (let row = 0; row < this.count; row++) {
      if (!this.isPresent(row)) continue;
      const overdueMs = wholeMs - this.deadlineMs[row]!;
      if (overdueMs > 0) {
        stale++;
        staleOf[this.cohort[row]!]!++;
      } else live++;
      if (Math.abs(overdueMs) <= 1 + this.deadlineErrorMs(row)) close++;
    }
    return { live, stale, close, staleOf };
  }
}
