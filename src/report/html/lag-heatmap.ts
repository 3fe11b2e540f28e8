import type { Result } from '../../result/schema.ts';
import { FRAME, figure, HEIGHT, WIDTH } from './chart.ts';
import { LAG_TICKS, lagTick } from './lag-ticks.ts';
import { type Markup, markup } from './markup.ts';
import { timeAxis } from './time-axis.ts';

const COLUMNS = 180;
/** Shades, by powers of ten of what a field counts. */
const SHADES = 6;

/** Lags of the events heard over the run's time; `null`: none was heard. */
export function lagHeatmap(result: Result): Markup | null {
  const { atSeconds, cohorts, lagBoundsSeconds } = result.series;
  const rows = atSeconds.length;
  const columns = Math.min(COLUMNS, rows);
  const columnOf = (row: number): number => Math.floor((row * columns) / rows);
  const fields = new Map<number, number>();
  const places = lagBoundsSeconds.length + 1;
  let [lowest, highest, most] = [places, 0, 0];
  for (const { delivered } of Object.values(cohorts)) {
    for (const { row, bound, count } of [delivered.cycle, delivered.command]) {
      for (const [i, at] of row.entries()) {
        const field = columnOf(at) * places + bound[i]!;
        const sum = (fields.get(field) ?? 0) + count[i]!;
        fields.set(field, sum);
        lowest = Math.min(lowest, bound[i]!);
        highest = Math.max(highest, bound[i]!);
        most = Math.max(most, sum);
      }
    }
  }
  if (fields.size === 0) return null;
  const [from, to] = [Math.max(0, lowest - 1), Math.max(highest, lowest + 4)];
  const fieldHeight = (HEIGHT - FRAME.top - FRAME.bottom) / (to - from + 1);
  const time = timeAxis(result);
  const [start, end] = time.domain;
  const x = (seconds: number): number =>
    FRAME.left + ((seconds - start) / (end - start)) * (WIDTH - FRAME.left - FRAME.right);
  const y = (bound: number): number => HEIGHT - FRAME.bottom - (bound - from + 1) * fieldHeight;
  /** Where a column begins: at the end of the last row before it. */
  const edge = (column: number): number => x(atSeconds[Math.max(0, Math.ceil((column * rows) / columns) - 1)]!);
  const paths = Array.from({ length: SHADES }, () => '');
  for (const [field, count] of fields) {
    const [column, bound] = [Math.floor(field / places), field % places];
    const shade = Math.min(SHADES - 1, Math.floor((Math.log10(1 + count) / Math.log10(1 + most)) * SHADES));
    const [left, width] = [edge(column), Math.max(1, edge(column + 1) - edge(column))];
    paths[shade] +=
      `M${left.toFixed(1)} ${y(bound).toFixed(1)}h${width.toFixed(1)}v${(fieldHeight - 0.6).toFixed(1)}h-${width.toFixed(1)}z`;
  }
  const labels = lagBoundsSeconds.map((seconds, bound) =>
    bound >= from && bound <= to && LAG_TICKS.some((tick) => tick === seconds)
      ? markup`<line class="grid" x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y(bound).toFixed(1)}" y2="${y(bound).toFixed(1)}"/><text class="end" x="${FRAME.left - 8}" y="${y(bound).toFixed(1)}">${lagTick(seconds)}</text>`
      : null,
  );
  const times = time.ticks.map(
    (seconds) =>
      markup`<text class="middle" x="${x(seconds).toFixed(1)}" y="${HEIGHT - FRAME.bottom + 16}">${time.format(seconds)}</text>`,
  );
  return figure(
    'Lag of delivered events',
    `Delivered only: what has not arrived is not in it. Time across, lag upwards; the darkest fields have ${most.toLocaleString('en-US')} events at most, shades are by powers of ten.`,
    markup`${paths.map((path, shade) => markup`<path class="heat" opacity="${(0.18 + (0.82 * shade) / (SHADES - 1)).toFixed(2)}" d="${path}"/>`)}${labels}${times}`,
  );
}
