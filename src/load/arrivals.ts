/** A cursor over sessions that arrive, in the order of time. */
export interface Arrivals {
  /** When the session at the cursor arrives, ms from the start of the measurement; Infinity at the end. */
  readonly atMs: number;
  readonly index: number;
  /** Goes to the next arrival. */
  advance(): void;
}

const NO_ARRIVALS: Arrivals = { atMs: Number.POSITIVE_INFINITY, index: -1, advance: () => {} };

/** The arrivals of all of them in the order of time; of the same time, in the order of `parts`. */
export function mergeArrivals(parts: readonly Arrivals[]): Arrivals {
  return parts.length > 1 ? new MergedArrivals(parts) : (parts[0] ?? NO_ARRIVALS);
}

/** A heap of cursors, the one that arrives first on top. */
class MergedArrivals implements Arrivals {
  atMs = 0;
  index = 0;
  readonly #heap: { cursor: Arrivals; order: number }[];

  constructor(parts: readonly Arrivals[]) {
    this.#heap = parts.map((cursor, order) => ({ cursor, order }));
    for (let at = parts.length >> 1; at >= 0; at--) this.#sink(at);
    this.#take();
  }

  advance(): void {
    this.#heap[0]!.cursor.advance();
    this.#sink(0);
    this.#take();
  }

  #take(): void {
    const { cursor } = this.#heap[0]!;
    this.atMs = cursor.atMs;
    this.index = cursor.index;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let least = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < heap.length; child++) {
        if (this.#isBefore(child, least)) least = child;
      }
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    const difference = one.cursor.atMs - other.cursor.atMs;
    return difference === 0 || Number.isNaN(difference) ? one.order < other.order : difference < 0;
  }
}
