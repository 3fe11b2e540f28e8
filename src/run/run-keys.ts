import type { Segment } from '../load/plan.ts';

/** The names of a run's keys, all under one prefix of its own. A session's key carries its index. */
export class RunKeys {
  readonly prefix: string;
  readonly fenceChannel: string;
  readonly #runId: string;
  readonly #segment: Segment;
  readonly #sessionsOfAll: number;

  /** @param sessionsOfAll indexes of the whole plan are below this */
  constructor(runId: string, segment: Segment, sessionsOfAll: number) {
    this.#runId = runId;
    this.prefix = `ttlscope:${runId}:`;
    this.fenceChannel = `${this.prefix}fence`;
    this.#segment = segment;
    this.#sessionsOfAll = sessionsOfAll;
  }

  readonly session = (index: number): string => `${this.prefix}s${index}`;

  readonly canary = (number: number): string => `${this.prefix}c${number}`;

  /** The names of a rehearsal's keys: under the same prefix, and observed by nobody. */
  rehearsal(sessions: number): RunKeys {
    return new RunKeys(`${this.#runId}:d`, { index: 1, of: 1 }, sessions);
  }

  /** The hash whose fields are sessions. */
  get fields(): string {
    return `${this.prefix}fields`;
  }

  /** A session that is a field: the hash, and the field. */
  readonly field = (index: number): string => `${this.fields} f${index}`;

  /** A key that checks an estimated deadline, observed by nobody. */
  readonly checked = (number: number): string => `${this.prefix}d${number}`;

  /** The ledger's row of a session; `null` for an index that is not of this segment. */
  rowOf(index: number): number | null {
    const { index: position, of } = this.#segment;
    return index < this.#sessionsOfAll && index % of === position - 1 ? Math.floor(index / of) : null;
  }

  indexOf(row: number): number {
    return row * this.#segment.of + this.#segment.index - 1;
  }
}
