/** Of all cohorts together: 16 MB. */
const MOST_BUCKETS = 4 * 2 ** 20;
/** Of a cohort, before the buckets, each a Float64. */
const HEAD = { present: 0, stale: 1, passed: 2, oldest: 3 } as const;
const HEAD_LENGTH = 4;
const HEAD_BYTES = HEAD_LENGTH * Float64Array.BYTES_PER_ELEMENT;

/** What is in memory of a cohort. */
export interface InMemory {
  /** Lives that have begun and not ended. */
  present: number;
  /** Of these, past their deadline. */
  stale: number;
  /** The earliest deadline of the stale, run time in ms, to the width of a bucket; `null`: none is stale. */
  oldestMs: number | null;
}

/** Where the counts are, for another thread. */
export interface DeadlineBuffers {
  readonly bucketMs: number;
  readonly cohorts: readonly { readonly head: SharedArrayBuffer; readonly counts: SharedArrayBuffer }[];
}

/**
 * How many lives in memory have which deadline, by cohort: what is live, what is stale, and since when, without a pass over
 * the rows. A bucket is 1 ms wide, like a deadline, while those of the run fit into 16 MB; wider ones count a session as
 * stale up to their width late. Deadlines beyond the last bucket never come in the run.
 *
 * One thread writes; another one reads the same memory, and may see a count that is being changed a moment early or late.
 */
export class DeadlineCounts {
  readonly bucketMs: number;
  readonly buffers: DeadlineBuffers;
  readonly #heads: readonly Float64Array[];
  readonly #counts: readonly Uint32Array[];
  readonly #buckets: number;

  /**
   * @param lengthMs time of the run within which a deadline can pass
   * @param mostBuckets of all cohorts together
   */
  static create(cohorts: number, lengthMs: number, mostBuckets = MOST_BUCKETS): DeadlineCounts {
    const bucketMs = Math.max(1, Math.ceil((lengthMs * cohorts) / mostBuckets));
    const buckets = Math.max(1, Math.ceil(lengthMs / bucketMs));
    const shared = Array.from({ length: cohorts }, () => ({
      head: new SharedArrayBuffer(HEAD_BYTES),
      counts: new SharedArrayBuffer(buckets * Uint32Array.BYTES_PER_ELEMENT),
    }));
    return new DeadlineCounts({ bucketMs, cohorts: shared });
  }

  constructor(buffers: DeadlineBuffers) {
    this.buffers = buffers;
    this.bucketMs = buffers.bucketMs;
    this.#heads = buffers.cohorts.map(({ head }) => new Float64Array(head));
    this.#counts = buffers.cohorts.map(({ counts }) => new Uint32Array(counts));
    this.#buckets = this.#counts[0]?.length ?? 0;
  }

  /** A life begins, or has another deadline after `remove`. */
  add(cohort: number, deadlineMs: number): void {
    const head = this.#heads[cohort]!;
    head[HEAD.present]!++;
    const bucket = Math.floor(deadlineMs / this.bucketMs);
    if (bucket >= this.#buckets) return;
    this.#counts[cohort]![bucket]!++;
    if (bucket >= head[HEAD.passed]!) return;
    head[HEAD.stale]!++;
    if (bucket < head[HEAD.oldest]!) head[HEAD.oldest] = bucket;
  }

  remove(cohort: number, deadlineMs: number): void {
    const head = this.#heads[cohort]!;
    head[HEAD.present]!--;
    const bucket = Math.floor(deadlineMs / this.bucketMs);
    if (bucket >= this.#buckets) return;
    this.#counts[cohort]![bucket]!--;
    if (bucket < head[HEAD.passed]!) head[HEAD.stale]!--;
  }

  /** Time has come to `nowMs`: deadlines before it have passed. It does not go back. */
  advance(nowMs: number): void {
    const until = Math.min(this.#buckets, Math.floor(nowMs / this.bucketMs));
    for (const [cohort, head] of this.#heads.entries()) {
      const counts = this.#counts[cohort]!;
      let passed = head[HEAD.passed]!;
      let stale = head[HEAD.stale]!;
      for (; passed < until; passed++) stale += counts[passed]!;
      let oldest = head[HEAD.oldest]!;
      while (oldest < passed && counts[oldest] === 0) oldest++;
      head[HEAD.passed] = passed;
      head[HEAD.stale] = stale;
      head[HEAD.oldest] = oldest;
    }
  }

  /** Where time has come to. */
  get nowMs(): number {
    return (this.#heads[0]?.[HEAD.passed] ?? 0) * this.bucketMs;
  }

  of(cohort: number): InMemory {
    const head = this.#heads[cohort]!;
    const stale = head[HEAD.stale]!;
    return { present: head[HEAD.present]!, stale, oldestMs: stale > 0 ? head[HEAD.oldest]! * this.bucketMs : null };
  }

  /** Calls `each` with the deadlines that have passed, ascending, and how many lives in memory have them. */
  forEachStale(cohort: number, each: (deadlineMs: number, lives: number) => void): void {
    const head = this.#heads[cohort]!;
    const counts = this.#counts[cohort]!;
    const passed = head[HEAD.passed]!;
    for (let bucket = head[HEAD.oldest]!; bucket < passed; bucket++) {
      if (counts[bucket]! > 0) each(bucket * this.bucketMs, counts[bucket]!);
    }
  }
}
