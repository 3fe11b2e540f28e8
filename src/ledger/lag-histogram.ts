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

/**
 * Times in whole µs, to three digits, in an HDR histogram; least and greatest exactly. What lies below zero (a lag
 * within the clock's error) is counted at 0 and told by `minUs`.
 */
export class LagHistogram {
  readonly #histogram: JsHistogram;
  count = 0;
  /** `null` while nothing is recorded. */
  minUs: number | null = null;
  maxUs: number | null = null;

  constructor(histogram: JsHistogram = empty()) {
    this.#histogram = histogram;
  }

  record(valueUs: number, count = 1): void {
    this.#histogram.recordValueWithCount(Math.max(0, valueUs), count);
    this.#seen(valueUs, valueUs, count);
  }

  add(other: LagHistogram): void {
    if (other.count === 0) return;
    this.#histogram.add(other.#histogram);
    this.#seen(other.minUs!, other.maxUs!, other.count);
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

  /** @param exact least and greatest value, which the encoding has to three digits only */
  static decode(base64: string, exact: { minUs: number | null; maxUs: number | null }): LagHistogram {
    const histogram = new LagHistogram(decodeFromCompressedBase64(base64, BITS, false) as JsHistogram);
    histogram.count = histogram.#histogram.totalCount;
    histogram.minUs = exact.minUs;
    histogram.maxUs = exact.maxUs;
    return histogram;
  }

  /** HdrHistogram's percentile distribution, in ms. */
  percentileText(): string {
    return this.#histogram.outputPercentileDistribution(undefined, 1000);
  }

  /** Highest equivalent value and count of each place where something is recorded, ascending. */
  #recorded(): [number, number][] {
    const iterator = this.#histogram.recordedValuesIterator;
    iterator.reset();
    const recorded: [number, number][] = [];
    while (iterator.hasNext()) {
      const { valueIteratedTo, countAtValueIteratedTo } = iterator.next();
      recorded.push([this.#histogram.highestEquivalentValue(valueIteratedTo), countAtValueIteratedTo]);
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
