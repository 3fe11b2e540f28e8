import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Int32Histogram,
  type JsHistogram,
} from 'hdr-histogram-js';

const DIGITS = 3;
const BITS = 32;
/** Of a histogram of three digits: values below this have a place each, and each doubling from there on half as many. */
const SINGLES = 2048;
const SINGLE_BITS = 11;
const PER_DOUBLING = SINGLES / 2;
/** Up to the greatest whole number that can be told from its neighbours, 285 years. */
const DOUBLINGS = 53 - SINGLE_BITS;
const PLACES = SINGLES + DOUBLINGS * PER_DOUBLING;

/** Before the places. */
const HEAD = { count: 0, belowZero: 1, minUs: 2, maxUs: 3 } as const;
const HEAD_LENGTH = 4;
const BYTES = (HEAD_LENGTH + PLACES) * Float64Array.BYTES_PER_ELEMENT;

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
 * Times in whole µs, to three digits, at the places of an HDR histogram; least and greatest exactly. What lies below zero
 * (a lag within the clock's error) is counted at 0, and told by `minUs` and `belowZero`.
 *
 * The counts are in shared memory, so that another thread reads them as they grow, and recording takes 5 ns, where the
 * library takes 300. Texts are the library's, by its plain histogram: WebAssembly's starts asynchronously, has to be
 * freed by hand, and decodes counts from 2^31 on wrongly.
 */
export class LagHistogram implements ExactFacts {
  readonly buffer: SharedArrayBuffer;
  readonly #head: Float64Array;
  readonly #counts: Float64Array;

  /** @param buffer of another one, to read what that records */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer;
    this.#head = new Float64Array(buffer, 0, HEAD_LENGTH);
    this.#counts = new Float64Array(buffer, HEAD_LENGTH * Float64Array.BYTES_PER_ELEMENT, PLACES);
  }

  get count(): number {
    return this.#head[HEAD.count]!;
  }

  get belowZero(): number {
    return this.#head[HEAD.belowZero]!;
  }

  /** `null` while nothing is recorded. */
  get minUs(): number | null {
    return this.count === 0 ? null : this.#head[HEAD.minUs]!;
  }

  get maxUs(): number | null {
    return this.count === 0 ? null : this.#head[HEAD.maxUs]!;
  }

  /** @throws {RangeError} when the value is not whole µs: it would be counted nowhere, or understated */
  record(valueUs: number, count = 1): void {
    if (!Number.isSafeInteger(valueUs)) throw new RangeError(`a time of ${valueUs} µs: only whole µs can be recorded`);
    this.#counts[placeOf(Math.max(0, valueUs))]! += count;
    this.#seen(valueUs, valueUs, count);
    if (valueUs < 0) this.#head[HEAD.belowZero]! += count;
  }

  add(other: LagHistogram): void {
    if (other.count === 0) return;
    const last = other.#lastPlace;
    for (let place = 0; place <= last; place++) this.#counts[place]! += other.#counts[place]!;
    this.#seen(other.minUs!, other.maxUs!, other.count);
    this.#head[HEAD.belowZero]! += other.belowZero;
  }

  /** What is recorded, ascending; a bucket stands for its highest equivalent value, so that no lag is understated. */
  buckets(): Bucket[] {
    const maxUs = this.maxUs ?? 0;
    return this.#recorded().map(([valueUs, count]) => ({ valueUs: Math.min(valueUs, maxUs), count }));
  }

  /**
   * How many are at most each of the bounds (ascending), and the sum of all; what lies below zero counts as 0. To three
   * digits, like the places.
   */
  cumulative(boundsUs: readonly number[]): { counts: number[]; sumUs: number } {
    const counts: number[] = [];
    const maxUs = this.maxUs ?? 0;
    const last = this.#lastPlace;
    let passed = 0;
    let sumUs = 0;
    for (let place = 0; place <= last; place++) {
      const count = this.#counts[place]!;
      if (count === 0) continue;
      const valueUs = Math.min(highestOf(place), maxUs);
      while (counts.length < boundsUs.length && valueUs > boundsUs[counts.length]!) counts.push(passed);
      passed += count;
      sumUs += valueUs * count;
    }
    while (counts.length < boundsUs.length) counts.push(passed);
    return { counts, sumUs };
  }

  /** Least value that `percent` % of what is recorded do not exceed; `null` when nothing is. */
  percentileUs(percent: number): number | null {
    if (this.count === 0) return null;
    // 99.9 % of 1,000 is 999.0000000000001 here, and has to be 999.
    const share = (percent / 100) * this.count;
    const wanted = Math.max(1, Math.ceil(share - share * Number.EPSILON));
    const last = this.#lastPlace;
    let passed = 0;
    for (let place = 0; place < last; place++) {
      passed += this.#counts[place]!;
      if (passed >= wanted) return highestOf(place);
    }
    return this.maxUs;
  }

  /** HdrHistogram V2, compressed, base64: the same text for the same contents, however they came together. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#library());
  }

  static decode(base64: string, { minUs, maxUs, belowZero }: ExactFacts): LagHistogram {
    const decoded = decodeFromCompressedBase64(base64, BITS, false) as JsHistogram;
    const histogram = new LagHistogram();
    for (let i = 0; i < decoded.countsArrayLength; i++) {
      const count = decoded.getCountAtIndex(i);
      if (count > 0) histogram.#counts[placeOf(decoded.valueFromIndex(i))]! += count;
    }
    if (decoded.totalCount > 0) histogram.#seen(minUs!, maxUs!, decoded.totalCount);
    histogram.#head[HEAD.belowZero] = belowZero;
    return histogram;
  }

  /** HdrHistogram's percentile distribution, in ms. */
  percentileText(): string {
    const library = this.#library();
    // The library knows the greatest value's place only.
    library.maxValue = Math.max(0, this.maxUs ?? 0);
    return library.outputPercentileDistribution(undefined, 1000);
  }

  get #lastPlace(): number {
    return placeOf(Math.max(0, this.maxUs ?? 0));
  }

  #library(): JsHistogram {
    const library = new Int32Histogram(1, Math.max(2, highestOf(this.#lastPlace)), DIGITS);
    for (const [valueUs, count] of this.#recorded()) library.recordValueWithCount(valueUs, count);
    return library;
  }

  /** Highest equivalent value and count of each place where something is recorded, ascending. */
  #recorded(): [number, number][] {
    const recorded: [number, number][] = [];
    const last = this.#lastPlace;
    for (let place = 0; place <= last; place++) {
      const count = this.#counts[place]!;
      if (count > 0) recorded.push([highestOf(place), count]);
    }
    return recorded;
  }

  #seen(minUs: number, maxUs: number, count: number): void {
    const head = this.#head;
    const isFirst = head[HEAD.count] === 0;
    if (isFirst || minUs < head[HEAD.minUs]!) head[HEAD.minUs] = minUs;
    if (isFirst || maxUs > head[HEAD.maxUs]!) head[HEAD.maxUs] = maxUs;
    head[HEAD.count]! += count;
  }
}

/** The place of a whole number from 0 to 2^53 - 1. */
function placeOf(value: number): number {
  if (value < SINGLES) return value;
  if (value >= 2 ** 32) return placeOf(Math.floor(value / 2 ** 21)) + 21 * PER_DOUBLING;
  const doublings = 32 - Math.clz32(value) - SINGLE_BITS;
  return SINGLES + (doublings - 1) * PER_DOUBLING + (value >>> doublings) - PER_DOUBLING;
}

function highestOf(place: number): number {
  if (place < SINGLES) return place;
  const doublings = Math.floor((place - SINGLES) / PER_DOUBLING) + 1;
  const highest = ((place - SINGLES) % PER_DOUBLING) + PER_DOUBLING;
  return (highest + 1) * 2 ** doublings - 1;
}
