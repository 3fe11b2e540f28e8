import type { LivePoint } from './live-point.ts';

/** Counts since the start of the run: of rows that are put together the last one counts. */
export const COUNTS = ['created', 'due', 'heard', 'evictedEarly', 'evictedStale'] as const;

/**
 * What has a value at each moment: of rows that are put together the least and the greatest count. A rate is of the time
 * since the row before. A lag that was not reached is greater than any.
 */
export const GAUGES = [
  'live',
  'stale',
  'staleBytes',
  'oldestStaleSeconds',
  'lagP50Seconds',
  'lagP90Seconds',
  'lagP99Seconds',
  'usedMemoryBytes',
  'maxmemoryBytes',
  'duePerSecond',
  'heardPerSecond',
  'evictedEarlyPerSecond',
  'evictedStalePerSecond',
] as const;

export type Count = (typeof COUNTS)[number];
export type Gauge = (typeof GAUGES)[number];

/** `null`: not known; of a lag, not reached. */
export interface Extremes {
  low: number | null;
  high: number | null;
}

/** A time of the run that ends at `atSeconds`. */
export interface HistoryRow {
  atSeconds: number;
  counts: Record<Count, number>;
  gauges: Record<Gauge, Extremes>;
  /** See `LivePoint`. */
  lagCounts: number[];
}

/** Half an hour of seconds, more than a screen has pixels to show. */
const CAPACITY = 1_800;

type Rates = Record<Extract<Gauge, `${string}PerSecond`>, number>;

const NO_RATES: Rates = { duePerSecond: 0, heardPerSecond: 0, evictedEarlyPerSecond: 0, evictedStalePerSecond: 0 };

const isLag = (gauge: Gauge): boolean => gauge.startsWith('lagP');

/**
 * Every second of a run, in bounded memory: when it is full, rows are put together two by two, and from then on as many
 * points make one. Greatest and least values survive that, counts are exact at the end of each row.
 */
export class History {
  readonly #capacity: number;
  #rows: HistoryRow[] = [];
  #latest: LivePoint | null = null;
  /** The point of which the rates are, and these. */
  #ratesAt: LivePoint | null = null;
  #rates = NO_RATES;
  /** Points that make the row now, of `pointsPerRow`. */
  #inLastRow = 0;
  #pointsPerRow = 1;
  /** How often the rows were put together. */
  compactions = 0;

  /** @param capacity rows at most, an even number */
  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  get rows(): readonly HistoryRow[] {
    return this.#rows;
  }

  /** `null`: there is no point yet. */
  get latest(): LivePoint | null {
    return this.#latest;
  }

  get pointsPerRow(): number {
    return this.#pointsPerRow;
  }

  /** @returns the row that it has made, or changed, which is then the last one */
  add(point: LivePoint): HistoryRow {
    this.#takeRates(point);
    this.#latest = point;
    const row = rowOf(point, this.#rates);
    if (this.#inLastRow > 0 && this.#inLastRow < this.#pointsPerRow) {
      this.#rows[this.#rows.length - 1] = together(this.#rows.at(-1)!, row);
      this.#inLastRow++;
    } else {
      if (this.#rows.length === this.#capacity) this.#compact();
      this.#rows.push(row);
      this.#inLastRow = 1;
    }
    return this.#rows.at(-1)!;
  }

  /** From the cut-off on run time stands still: that is no rate of 0. */
  #takeRates(point: LivePoint): void {
    const before = this.#ratesAt;
    if (before !== null && point.atSeconds <= before.atSeconds) return;
    if (before !== null) this.#rates = ratesOf(before, point);
    this.#ratesAt = point;
  }

  #compact(): void {
    const rows = this.#rows;
    this.#rows = [];
    for (let i = 0; i < rows.length; i += 2) {
      this.#rows.push(i + 1 < rows.length ? together(rows[i]!, rows[i + 1]!) : rows[i]!);
    }
    this.#pointsPerRow *= 2;
    this.compactions++;
  }
}

function ratesOf(before: LivePoint, now: LivePoint): Rates {
  const rate = (count: 'due' | 'heard' | 'evictedEarly' | 'evictedStale'): number =>
    (now[count] - before[count]) / (now.atSeconds - before.atSeconds);
  return {
    duePerSecond: rate('due'),
    heardPerSecond: rate('heard'),
    evictedEarlyPerSecond: rate('evictedEarly'),
    evictedStalePerSecond: rate('evictedStale'),
  };
}

function rowOf(point: LivePoint, rates: Rates): HistoryRow {
  const { atSeconds, lagCounts } = point;
  const values: Record<Gauge, number | null> = { ...point, ...rates };
  return {
    atSeconds,
    counts: byName(COUNTS, (count) => point[count]),
    gauges: byName(GAUGES, (gauge) => ({ low: values[gauge], high: values[gauge] })),
    lagCounts,
  };
}

function together(first: HistoryRow, second: HistoryRow): HistoryRow {
  const { atSeconds, counts, lagCounts } = second;
  return {
    atSeconds,
    counts,
    gauges: byName(GAUGES, (gauge) => extremes(first.gauges[gauge], second.gauges[gauge], isLag(gauge))),
    lagCounts,
  };
}

function extremes(a: Extremes, b: Extremes, nullIsBeyond: boolean): Extremes {
  const least = (x: number | null, y: number | null): number | null =>
    x === null || y === null ? (x ?? y) : Math.min(x, y);
  const greatest = (x: number | null, y: number | null): number | null =>
    x === null || y === null ? (nullIsBeyond ? null : (x ?? y)) : Math.max(x, y);
  return { low: least(a.low, b.low), high: greatest(a.high, b.high) };
}

function byName<Name extends string, T>(names: readonly Name[], of: (name: Name) => T): Record<Name, T> {
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, T>;
}
