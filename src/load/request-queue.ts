/**
 * What is due when: a binary min-heap over typed arrays, one entry a session, so that ten million waiting visits cost
 * 12 bytes each and no objects.
 */
export class RequestQueue {
  #atMs = new Float64Array(1024);
  #row = new Uint32Array(1024);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** When the earliest entry is due; Infinity when there is none. */
  get nextAtMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#atMs[0]!;
  }

  push(atMs: number, row: number): void {
    if (this.#size === this.#atMs.length) this.#grow();
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#atMs[parent]! <= atMs) break;
      this.#atMs[hole] = this.#atMs[parent]!;
      this.#row[hole] = this.#row[parent]!;
      hole = parent;
    }
    this.#atMs[hole] = atMs;
    this.#row[hole] = row;
  }

  /** Takes the earliest entry's row. Throws when there is none. */
  pop(): number {
    if (this.#size === 0) throw new RangeError('the queue is empty');
    const first = this.#row[0]!;
    const last = --this.#size;
    const atMs = this.#atMs[last]!;
    const row = this.#row[last]!;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#atMs[child + 1]! < this.#atMs[child]!) child++;
      if (this.#atMs[child]! >= atMs) break;
      this.#atMs[hole] = this.#atMs[child]!;
      this.#row[hole] = this.#row[child]!;
      hole = child;
    }
    this.#atMs[hole] = atMs;
    this.#row[hole] = row;
    return first;
  }

  #grow(): void {
    const atMs = new Float64Array(this.#atMs.length * 2);
    const row = new Uint32Array(this.#row.length * 2);
    atMs.set(this.#atMs);
    row.set(this.#row);
    this.#atMs = atMs;
    this.#row = row;
  }
}
