const FIRST_CAPACITY = 4096;

/** Gathers the messages of one read, in memory that is used again for the next. */
export class BatchBuilder {
  #codes = new Uint8Array(FIRST_CAPACITY);
  #values = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(code: number, value: number): void {
    if (this.#size === this.#codes.length) this.#grow();
    this.#codes[this.#size] = code;
    this.#values[this.#size] = value;
    this.#size++;
  }

  /** The messages since the last call, both arrays in one buffer of their own, so that one transfer hands them over. */
  take(): { codes: Uint8Array; values: Uint32Array; buffer: ArrayBuffer } {
    const size = this.#size;
    const buffer = new ArrayBuffer(size * (Uint32Array.BYTES_PER_ELEMENT + 1));
    const values = new Uint32Array(buffer, 0, size);
    const codes = new Uint8Array(buffer, values.byteLength, size);
    values.set(this.#values.subarray(0, size));
    codes.set(this.#codes.subarray(0, size));
    this.#size = 0;
    return { codes, values, buffer };
  }

  #grow(): void {
    const codes = new Uint8Array(this.#codes.length * 2);
    const values = new Uint32Array(this.#values.length * 2);
    codes.set(this.#codes);
    values.set(this.#values);
    this.#codes = codes;
    this.#values = values;
  }
}
