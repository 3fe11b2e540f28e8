import type { HistoryRow } from './history.ts';

/** What the event `history` carries: all of it. */
export interface HistoryMessage {
  pointsPerRow: number;
  rows: readonly HistoryRow[];
}

/** What the event `row` carries. */
export interface RowMessage {
  /** Its place among the rows: the one after the last, or the last one anew. */
  at: number;
  row: HistoryRow;
}
