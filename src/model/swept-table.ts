/** What the table of TTLs holds in all, and how fast keys of it fall due. */
export interface TableContents {
  liveKeys: number;
  duePerSecond: number;
  /** Keys that fall due at the time 0. */
  burst: number;
}

/** A stretch of the table: a share of it, when the cursor was there last, and whether its part of the burst is still there. */
export interface Stretch {
  share: number;
  visitedAt: number;
  holdsBurst: boolean;
}

/** The cursor's passing over a stretch, or the part of it that `share` says. */
export interface Visit extends Readonly<Stretch> {
  readonly at: number;
}

/** Keys of a place; of a stretch: those that the whole table would hold if it were all alike. */
export interface Keys {
  all: number;
  due: number;
}

/** Stretches that were visited within so many seconds are one. */
const ALIKE_SECONDS = 0.0005;
/** A table this small, or with so many keys a bucket, is not sparse. */
const LEAST_BUCKETS = 4;
const SPARSE_BELOW = 0.01;
/** Slow cycles until a table that is sparse has been resized: the table of all keys comes first. */
const CYCLES_TO_RESIZE = 2;
const FORGET_AT = 4096;
const SMALLEST_SHARE = 1e-12;

/**
 * The table of TTLs as the cycle's cursor meets it. Keys are spread evenly over it, so that all that matters of a place is how
 * long ago the cursor was there; and it comes to the places in the order in which it left them: a queue of stretches.
 */
export class SweptTable {
  readonly #contents: TableContents;
  readonly #stretches: Stretch[];
  #first = 0;
  #burstLeft: number;
  #buckets: number;
  #cyclesToResize = CYCLES_TO_RESIZE;

  /** At the time 0 the cursor has just come round, in `sweepSeconds`, as fast everywhere. */
  constructor(contents: TableContents, sweepSeconds: number, stretches: number) {
    this.#contents = contents;
    this.#burstLeft = contents.burst;
    this.#buckets = bucketsFor(contents.liveKeys + contents.burst);
    this.#stretches = Array.from({ length: stretches }, (_, i) => ({
      share: 1 / stretches,
      visitedAt: (-sweepSeconds * (stretches - i - 0.5)) / stretches,
      holdsBurst: contents.burst > 0,
    }));
  }

  /** Whether so few keys are left of a burst that the cycle leaves the table alone until it has been resized. */
  get isSparse(): boolean {
    return this.keysUntilSparse <= 0;
  }

  /** Keys to delete until it is. */
  get keysUntilSparse(): number {
    const { liveKeys, burst } = this.#contents;
    if (burst === 0 || this.#buckets <= LEAST_BUCKETS) return Infinity;
    return liveKeys + this.#burstLeft - SPARSE_BELOW * this.#buckets;
  }

  /** What follows each slow cycle. */
  resize(): void {
    if (!this.isSparse) return;
    this.#cyclesToResize--;
    if (this.#cyclesToResize > 0) return;
    this.#buckets = bucketsFor(this.#contents.liveKeys + this.#burstLeft);
    this.#cyclesToResize = CYCLES_TO_RESIZE;
  }

  /** The stretch at the cursor. */
  get front(): Readonly<Stretch> {
    return this.#stretches[this.#first]!;
  }

  keysOf({ visitedAt, holdsBurst }: Readonly<Stretch>, now: number): Keys {
    const { liveKeys, duePerSecond, burst } = this.#contents;
    const due = duePerSecond * (now - visitedAt) + (holdsBurst ? burst : 0);
    return { all: liveKeys + due, due };
  }

  /**
   * The cursor goes on over so many keys, at most once round; what is due there is deleted.
   *
   * @param onVisit is told each stretch of it, as it was before
   */
  visit(keys: number, now: number, onVisit: (visit: Visit) => void): Keys {
    const visited: Keys = { all: 0, due: 0 };
    for (let left = 1; left > SMALLEST_SHARE && keys - visited.all > 1e-6; ) {
      const { visitedAt, holdsBurst, share: wholeShare } = this.front;
      const { all, due } = this.keysOf(this.front, now);
      const share = Math.min(left, wholeShare, all === 0 ? 1 : (keys - visited.all) / all);
      onVisit({ share, visitedAt, holdsBurst, at: now });
      this.#pass(share, now);
      visited.all += share * all;
      visited.due += share * due;
      left -= share;
    }
    return visited;
  }

  #pass(share: number, now: number): void {
    const front = this.#stretches[this.#first]!;
    if (front.holdsBurst) this.#burstLeft -= share * this.#contents.burst;
    front.share -= share;
    if (front.share < SMALLEST_SHARE) this.#first++;
    const last = this.#stretches.at(-1)!;
    const isGone = this.#first === this.#stretches.length;
    if (!isGone && !last.holdsBurst && now - last.visitedAt < ALIKE_SECONDS) last.share += share;
    else this.#stretches.push({ share, visitedAt: now, holdsBurst: false });
    if (this.#first < FORGET_AT) return;
    this.#stretches.splice(0, this.#first);
    this.#first = 0;
  }
}

/** The least power of two that is not below the keys. */
export function bucketsFor(keys: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(LEAST_BUCKETS, keys)));
}
