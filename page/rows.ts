import type { Gauge, HistoryRow } from '../src/metrics/history.ts';
import type { HistoryMessage, RowMessage } from '../src/metrics/live-messages.ts';
import type { LivePoint } from '../src/metrics/live-point.ts';

/** The run's rows as the server has them: as many, and no more. */
export class Rows {
  list: HistoryRow[] = [];
  latest: LivePoint | null = null;

  replace({ rows, latest }: HistoryMessage): void {
    this.latest = latest;
    this.list = [...rows];
  }

  set({ at, row, latest }: RowMessage): void {
    this.latest = latest;
    this.list[at] = row;
  }

  get atSeconds(): number[] {
    return this.list.map(({ atSeconds }) => atSeconds);
  }

  high(gauge: Gauge): (number | null)[] {
    return this.list.map(({ gauges }) => gauges[gauge].high);
  }

  low(gauge: Gauge): (number | null)[] {
    return this.list.map(({ gauges }) => gauges[gauge].low);
  }

  /** Delivered in the time of each row, by the bounds of the lag. */
  get lagCounts(): number[][] {
    return this.list.map(({ lagCounts }, i) => {
      const before = this.list[i - 1]?.lagCounts;
      return lagCounts.map((count, bound) => Math.max(0, count - (before?.[bound] ?? 0)));
    });
  }
}
