import type { HistoryRow } from './history.ts';
import type { LivePoint } from './live-point.ts';

/** What the event `history` carries: all of it. */
export interface HistoryMessage {
  pointsPerRow: number;
  rows: readonly HistoryRow[];
  /** What the run's figures are now, which a row of many points does not tell; `null`: there is no point yet. */
  latest: LivePoint | null;
}

/** What the event `row` carries. */
export interface RowMessage {
  /** Its place among the rows: the one after the last, or the last one anew. */
  at: number;
  row: HistoryRow;
  latest: LivePoint;
}
