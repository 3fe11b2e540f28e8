import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Int32Histogram,
  type JsHistogram,
} from 'hdr-histogram-js';

const DIGITS = 3;
const BITS = 32;
/** Of a histogram of three digits: values up to this have a place each, and each doubling so many places. */
const PLACES = 2048;
/** Greatest value that is counted beside the histogram. */
const BESIDE_MOST_US = 2 ** 31 - 1;

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
 *
 * Recording counts beside it, in tables with the same places, of which it is told when it is read: 5 ns a value, where the
 * library takes 300.
 */
export class LagHistogram implements ExactFacts {
  readonly #histogram: JsHistogram;
  count = 0;
  belowZero = 0;
  /** `null` while nothing is recorded. */
  minUs: number | null = null;
  maxUs: number | null = null;
  /** By the number of doublings beyond PLACES: counts of values by their highest 11 bits. */
  #beside: (Float64Array | undefined)[] = [];

  constructor(histogram: JsHistogram = empty()) {
    this.#histogram = histogram;
  }

  /** @throws {RangeError} when the value is not whole µs: it would be counted nowhere, or understated */
  record(valueUs: number, count = 1): void {
    if (!Number.isSafeInteger(valueUs)) throw new RangeError(`a time of ${valueUs} µs: only whole µs can be recorded`);
    if (valueUs > BESIDE_MOST_US) {
      this.#histogram.recordValueWithCount(valueUs, count);
    } else {
      const value = Math.max(0, valueUs);
      const doublings = Math.max(0, 21 - Math.clz32(value));
      let table = this.#beside[doublings];
      if (table === undefined) {
        table = new Float64Array(PLACES);
        this.#beside[doublings] = table;
      }
      table[value >>> doublings]! += count;
    }
    this.#seen(valueUs, valueUs, count);
    if (valueUs < 0) this.belowZero += count;
  }

  add(other: LagHistogram): void {
    if (other.count === 0) return;
    this.#told.add(other.#told);
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
    return Math.min(this.#told.getValueAtPercentile(percent), this.maxUs!);
  }

  /** HdrHistogram V2, compressed, base64: the same text for the same contents, however they came together. */
  encode(): string {
    const greatest = this.#told.highestEquivalentValue(this.#told.maxValue);
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
    this.#told.maxValue = Math.max(0, this.maxUs ?? 0);
    return this.#told.outputPercentileDistribution(undefined, 1000);
  }

  /** Highest equivalent value and count of each place where something is recorded, ascending. */
  #recorded(): [number, number][] {
    const recorded: [number, number][] = [];
    const histogram = this.#told;
    for (let i = 0; i < histogram.countsArrayLength; i++) {
      const count = histogram.getCountAtIndex(i);
      if (count > 0) recorded.push([histogram.highestEquivalentValue(histogram.valueFromIndex(i)), count]);
    }
    return recorded;
  }

  /** The histogram, told of what has been counted beside it. */
  get #told(): JsHistogram {
    for (const [doublings, table] of this.#beside.entries()) {
      if (table === undefined) continue;
      for (let place = 0; place < PLACES; place++) {
        if (table[place]! > 0) this.#histogram.recordValueWithCount(place * 2 ** doublings, table[place]!);
      }
    }
    this.#beside = [];
    return this.#histogram;
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
