/** Counts over time, in bins of one width; what lies outside is not counted. */
export class TimeBins {
  readonly binMs: number;
  readonly counts: Float64Array;

  constructor(lengthMs: number, binMs: number) {
    this.binMs = binMs;
    this.counts = new Float64Array(Math.max(1, Math.ceil(lengthMs / binMs)));
  }

  add(atMs: number, weight: number): void {
    const bin = Math.floor(atMs / this.binMs);
    if (bin >= 0 && bin < this.counts.length) this.counts[bin]! += weight;
  }

  addAll(other: TimeBins): void {
    for (const [bin, count] of other.counts.entries()) this.counts[bin]! += count;
  }

  /** The greatest rate of any bin, a second. */
  peakPerSecond(): number {
    return (this.counts.reduce((most, count) => Math.max(most, count), 0) / this.binMs) * 1000;
  }

  /** The same counts in so many bins or fewer. */
  coarsened(most: number): number[] {
    const width = Math.ceil(this.counts.length / most);
    return Array.from({ length: Math.ceil(this.counts.length / width) }, (_, i) =>
      this.counts.subarray(i * width, (i + 1) * width).reduce((sum, count) => sum + count, 0),
    );
  }
}
