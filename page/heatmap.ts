import type { HistoryRow } from '../src/metrics/history.ts';
import { LAG_BOUNDS_SECONDS } from '../src/result/lag-bounds.ts';
import { colourOf, Figure, MARGIN } from './chart.ts';
import { element, setText } from './dom.ts';
import { CLOCK_STEPS, clock, formatCount, lag, spanOf } from './format.ts';
import type { Rows } from './rows.ts';

/** Between two labels of a time, px. */
const LABEL_SPACE = 60;
const LABELLED = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600];

/** How late events were that came in each time of the run: time across, lag upwards, the stronger the more. */
export class Heatmap extends Figure {
  readonly #canvas = element('canvas', { class: 'heat' });
  readonly #most = element('span');

  constructor(rows: Rows) {
    super('Lag of delivered events', 'Delivered only: what has not arrived is not in it.', rows);
    this.plot.append(this.#canvas);
    const scale = element('span', { class: 'scale' });
    this.root.append(element('p', { class: 'legend' }, '1', scale, this.#most));
  }

  redraw(): void {
    this.draw();
  }

  protected header(): string[] {
    return ['delivered', 'most were at most', 'the latest at most'];
  }

  protected cells(_row: HistoryRow, at: number): string[] {
    const counts = this.rows.lagCounts[at]!;
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return ['0', '–', '–'];
    const boundOf = (index: number): string =>
      index < LAG_BOUNDS_SECONDS.length ? lag(LAG_BOUNDS_SECONDS[index]!) : 'more than 1 h';
    const most = counts.indexOf(Math.max(...counts));
    return [formatCount(total), boundOf(most), boundOf(counts.findLastIndex((count) => count > 0))];
  }

  protected draw(): void {
    const { width, height } = this.plot.getBoundingClientRect();
    const context = this.#canvas.getContext('2d');
    if (context === null || width === 0) return;
    const scale = devicePixelRatio;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const counts = this.rows.lagCounts;
    const [from, to] = usedBounds(counts);
    const { top, right, bottom, left } = MARGIN;
    const rowHeight = (height - top - bottom) / (to - from + 1);
    const most = Math.max(1, ...counts.flat());
    const times = this.rows.atSeconds;
    const [start, end] = spanOf(times[0] ?? 0, times.at(-1) ?? 0);
    const x = (at: number): number => left + ((at - start) / (end - start)) * (width - left - right);
    const y = (bound: number): number => height - bottom - (bound - from + 1) * rowHeight;
    setText(this.#most, counts.length === 0 ? '–' : `${formatCount(most)} at most, by powers of ten`);
    const [cold, hot] = [channels('heat-0'), channels('heat-1')];
    for (const [at, column] of counts.entries()) {
      const since = Math.max(left, x(times[at - 1] ?? times[at]! - 1));
      for (let bound = from; bound <= to; bound++) {
        const count = column[bound]!;
        if (count === 0) continue;
        const share = 0.15 + 0.85 * (Math.log10(1 + count) / Math.log10(1 + most));
        context.fillStyle = `rgb(${cold.map((c, i) => Math.round(c + (hot[i]! - c) * share)).join(' ')})`;
        context.fillRect(since, y(bound), Math.max(1, x(times[at]!) - since + 0.5), rowHeight - 0.5);
      }
    }
    this.#axes(context, { width, height, from, to, y, x, start, end });
  }

  #axes(
    context: CanvasRenderingContext2D,
    {
      width,
      height,
      from,
      to,
      y,
      x,
      start,
      end,
    }: Record<'width' | 'height' | 'from' | 'to' | 'start' | 'end', number> &
      Record<'x' | 'y', (value: number) => number>,
  ): void {
    context.fillStyle = colourOf('quiet');
    context.strokeStyle = colourOf('grid');
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    context.textBaseline = 'middle';
    context.textAlign = 'right';
    for (const [bound, seconds] of LAG_BOUNDS_SECONDS.entries()) {
      if (bound < from || bound > to || !LABELLED.includes(seconds)) continue;
      context.fillText(lag(seconds), MARGIN.left - 8, y(bound));
      context.beginPath();
      context.moveTo(MARGIN.left, y(bound));
      context.lineTo(width - MARGIN.right, y(bound));
      context.stroke();
    }
    context.textAlign = 'center';
    const step = CLOCK_STEPS.find((seconds) => x(start + seconds) - x(start) >= LABEL_SPACE) ?? CLOCK_STEPS.at(-1)!;
    for (let at = Math.ceil(start / step) * step; at <= end; at += step) {
      context.fillText(clock(at), x(at), height - MARGIN.bottom / 2);
    }
  }
}

/** The least and the greatest bound with something in it, and one beside; at least six. */
function usedBounds(counts: readonly number[][]): [number, number] {
  const used = LAG_BOUNDS_SECONDS.map((_, bound) => counts.some((column) => column[bound]! > 0));
  used.push(counts.some((column) => column[LAG_BOUNDS_SECONDS.length]! > 0));
  const first = used.indexOf(true);
  if (first < 0) return [3, 15];
  const from = Math.max(0, first - 1);
  return [from, Math.min(LAG_BOUNDS_SECONDS.length, Math.max(used.lastIndexOf(true) + 1, from + 5))];
}

function channels(name: string): number[] {
  return colourOf(name).split(' ').map(Number);
}
