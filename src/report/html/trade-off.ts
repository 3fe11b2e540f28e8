import { scaleLinear, scaleLog } from 'd3-scale';
import type { Figure } from '../../experiment/figures.ts';
import { validResults } from '../../experiment/summary.ts';
import type { SweptCell } from '../../experiment/sweep-file.ts';
import { lagErrorMs } from '../finding.ts';
import { formatLag } from '../precision.ts';
import { cellLabel } from '../sweep-columns.ts';
import { FRAME, figure, HEIGHT, WIDTH } from './chart.ts';
import { lagTick, lagTicks } from './lag-ticks.ts';
import { type Markup, markup } from './markup.ts';
import { spreadLabels } from './spread-labels.ts';

const CPU_ERROR_MS = 1;
const LABELLED_CELLS = 12;
/** Labels are no closer to each other, as large as they are on a phone. */
const LABEL_HEIGHT = 16;

/** Lag against the server's processor time, a point a cell; those on the front are filled. */
export function tradeOff(cells: readonly SweptCell[], onFront: readonly boolean[]): Markup | null {
  const points = cells.flatMap((cell, i) => {
    const { figures, runs } = cell;
    const lag = secondsOf(figures.lagP99Seconds?.median ?? null);
    const cpu = secondsOf(figures.serverCpuSeconds?.median ?? null);
    if (lag === null || cpu === null) return [];
    const errorMs = Math.max(...validResults(runs).map(lagErrorMs));
    return [{ lag, cpu, isOnFront: onFront[i]!, label: cellLabel(cell), errorMs }];
  });
  if (points.length < 2) return null;
  const least = Math.max(Math.min(...points.map(({ lag }) => lag.seconds)), 1e-4);
  const most = Math.max(...points.map(({ lag }) => lag.seconds), least * 3);
  const x = scaleLog()
    .domain([least / 1.3, most * 1.3])
    .range([FRAME.left, WIDTH - FRAME.right])
    .clamp(true);
  const y = scaleLinear()
    .domain([0, Math.max(...points.map(({ cpu }) => cpu.seconds)) * 1.05])
    .nice(5)
    .range([HEIGHT - FRAME.bottom, FRAME.top]);
  const errorMs = Math.max(...points.map((point) => point.errorMs));
  const bottom = HEIGHT - FRAME.bottom;
  const grid = [
    ...y.ticks(5).map((tick) => {
      const at = y(tick).toFixed(1);
      return markup`<line class="grid" x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${at}" y2="${at}"/><text class="end" x="${FRAME.left - 8}" y="${at}">${lagTick(tick)}</text>`;
    }),
    ...lagTicks(least / 1.3, most * 1.3).map((tick) => {
      const at = x(tick).toFixed(1);
      return markup`<line class="grid" x1="${at}" x2="${at}" y1="${FRAME.top}" y2="${bottom}"/><text class="middle" x="${at}" y="${bottom + 16}">${lagTick(tick)}</text>`;
    }),
  ];
  const middle = (FRAME.left + WIDTH - FRAME.right) / 2;
  const falling = points.toSorted((a, b) => b.cpu.seconds - a.cpu.seconds);
  const labelled = falling.filter(({ isOnFront }) => isOnFront || points.length <= LABELLED_CELLS);
  const places = spreadLabels(
    labelled.map(({ cpu }) => y(cpu.seconds)),
    LABEL_HEIGHT,
    bottom - LABEL_HEIGHT / 2,
  );
  const dots = falling.map((point) => {
    const { lag, cpu, isOnFront, label } = point;
    const [left, top] = [x(lag.seconds).toFixed(1), y(cpu.seconds).toFixed(1)];
    const arrow = lag.isBeyond ? markup`<path class="mark" d="M${left} ${top}m7 0h9m-3-3l3 3l-3 3"/>` : null;
    const place = places[labelled.indexOf(point)];
    const [anchor, away] = Number(left) > middle ? ['end', -32] : ['', 32];
    const text =
      place === undefined
        ? null
        : markup`<path class="leader" d="M${left} ${top}m${Math.sign(away) * (lag.isBeyond && away > 0 ? 17 : 7)} 0L${(Number(left) + away - 3 * Math.sign(away)).toFixed(1)} ${place.toFixed(1)}"/><text class="${anchor}" x="${(Number(left) + away).toFixed(1)}" y="${place.toFixed(1)}">${label}</text>`;
    return markup`<g class="${isOnFront ? 'blue' : 'quiet'}"><circle cx="${left}" cy="${top}" r="4.5" fill="${isOnFront ? 'currentColor' : 'none'}" stroke="currentColor"><title>${label}: p99 ${lag.isBeyond ? '> ' : ''}${formatLag(lag.seconds, errorMs)}, ${formatLag(cpu.seconds, CPU_ERROR_MS)} of a processor</title></circle>${arrow}${text}</g>`;
  });
  return figure(
    'Lag p99 against processor time',
    'Each point is a cell: to the left is sooner, lower is cheaper. Filled: on the Pareto front. An arrow: the lag was not reached, and is greater.',
    markup`${grid}${dots}`,
  );
}

function secondsOf(value: Figure): { seconds: number; isBeyond: boolean } | null {
  if (value === null) return null;
  return typeof value === 'number' ? { seconds: value, isBeyond: false } : { seconds: value.beyond, isBeyond: true };
}
