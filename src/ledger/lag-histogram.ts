import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Int32Histogram,
  type JsHistogram,
} from 'hdr-histogram-js';

const DIGITS = 3;
const BITS = 32;

/** Values recorded at one place of the scale: all of them are at most `valueUs`. */
export interface Bucket {
  valueUs: number;
  count: number;
}

/** What the scale of a histogram cannot tell: least and greatest exactly, and how many lay below zero. */
export interface ExactFacts {
  minUs: number | null;
  maxUs: number | null;
  belowZero: number;
}

/**
 * Times in whole µs, to three digits, in an HDR histogram; least and greatest exactly. What lies below zero (a lag
 * within the clock's error) is counted at 0, and told by `minUs` and `belowZero`. The histogram is the library's plain
 * one: WebAssembly's records faster, but starts asynchronously, has to be freed by hand, and decodes counts from 2^31
 * on wrongly.
 */
export class LagHistogram implements ExactFacts {
  readonly #histogram: JsHistogram;
  count = 0;
  belowZero = 0;
  /** `null` while nothing is recorded. */
  minUs: number | null = null;
  maxUs: number | null = null;

  constructor(histogram: JsHistogram = empty()) {
    this.#histogram = histogram;
  }

  /** @throws {RangeError} when the value is not whole µs: it would be counted nowhere, or understated */
  record(valueUs: number, count = 1): void {
    if (!Number.isSafeInteger(valueUs)) throw new RangeError(`a time of ${valueUs} µs: only whole µs can be recorded`);
    this.#histogram.recordValueWithCount(Math.max(0, valueUs), count);
    this.#seen(valueUs, valueUs, count);
    if (valueUs < 0) this.belowZero += count;
  }

  add(other: LagHistogram): void {
    if (other.count === 0) return;
    this.#histogram.add(other.#histogram);
    this.#seen(other.minUs!, other.maxUs!, other.count);
    this.belowZero += other.belowZero;
  }

  /** What is recorded, ascending; a bucket stands for its highest equivalent value, so that no lag is understated. */
  buckets(): Bucket[] {
    return this.#recorded().map(([valueUs, count]) => ({ valueUs: Math.min(valueUs, this.maxUs ?? valueUs), count }));
  }

  /** Least value that `percent` % of what is recorded do not exceed; `null` when nothing is. */
  percentileUs(percent: number): number | null {
    if (this.count === 0) return null;
    return Math.min(this.#histogram.getValueAtPercentile(percent), this.maxUs!);
  }

  /** HdrHistogram V2, compressed, base64: the same text for the same contents, however they came together. */
  encode(): string {
    const greatest = this.#histogram.highestEquivalentValue(this.#histogram.maxValue);
    const canonical = new Int32Histogram(1, Math.max(2, greatest), DIGITS);
    for (const [value, count] of this.#recorded()) canonical.recordValueWithCount(value, count);
    return encodeIntoCompressedBase64(canonical);
  }

  static decode(base64: string, { minUs, maxUs, belowZero }: ExactFacts): LagHistogram {
    const histogram = new LagHistogram(decodeFromCompressedBase64(base64, BITS, false) as JsHistogram);
    return Object.assign(histogram, { count: histogram.#histogram.totalCount, minUs, maxUs, belowZero });
  }

  /** HdrHistogram's percentile distribution, in ms. */
  percentileText(): string {
    // After an add or a decode the library knows the bounds of the greatest value's place only.
    this.#histogram.maxValue = Math.max(0, this.maxUs ?? 0);
    return this.#histogram.outputPercentileDistribution(undefined, 1000);
  }

  /** Highest equivalent value and count of each place where something is recorded, ascending. */
  #recorded(): [number, number][] {
    const recorded: [number, number][] = [];
    for (let i = 0; i < this.#histogram.countsArrayLength; i++) {
      const count = this.#histogram.getCountAtIndex(i);
      if (count > 0) recorded.push([this.#histogram.highestEquivalentValue(this.#histogram.valueFromIndex(i)), count]);
    }
    return recorded;
  }

  #seen(minUs: number, maxUs: number, count: number): void {
    this.count += count;
    this.minUs = Math.min(this.minUs ?? minUs, minUs);
    this.maxUs = Math.max(this.maxUs ?? maxUs, maxUs);
  }
}

function empty(): JsHistogram {
  const histogram = new Int32Histogram(1, 2, DIGITS);
  histogram.autoResize = true;
  return histogram;
}
