import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import { type Markup, markup } from './markup.ts';
import { type Sample, thin } from './thin.ts';

export type Colour = 'blue' | 'orange' | 'green' | 'red' | 'violet' | 'quiet';

export interface Line {
  label: string;
  colour: Colour;
  dashed?: boolean;
  samples: readonly Sample[];
}

export interface Axis {
  format(value: number): string;
  /** A scale by powers of ten; values below its least are drawn there. */
  log?: boolean;
  /** (Default: what the samples need) */
  domain?: readonly [number, number];
  /** (Default: round numbers) */
  ticks?: readonly number[];
  /** Of things that are counted: no lines between whole numbers. */
  whole?: boolean;
}

export interface ChartOptions {
  title: string;
  about: string;
  lines: readonly Line[];
  x: Axis;
  y: Axis;
  /** A line holds its value until the next sample. */
  steps?: boolean;
  /** Further marks, drawn over the lines. */
  marks?(x: (value: number) => number, y: (value: number) => number): Markup;
}

export const WIDTH = 560;
export const HEIGHT = 230;
export const FRAME = { left: 70, right: 14, top: 12, bottom: 26 } as const;
/** Two samples a part, and a part is about a pixel. */
const PARTS = 600;

/** A figure with lines over time or over lag. */
export function chart({ title, about, lines, x, y, steps, marks }: ChartOptions): Markup {
  const drawn = lines.map((of) => ({ ...of, samples: steps ? of.samples : thin(of.samples, PARTS) }));
  const all = drawn.flatMap(({ samples }) => samples);
  const xScale = scaleOf(
    x,
    all.map(([at]) => at),
    false,
  ).range([FRAME.left, WIDTH - FRAME.right]);
  const known = all.flatMap(([, value]) => (value === null ? [] : [value]));
  const yScale = scaleOf(y, known, true).range([HEIGHT - FRAME.bottom, FRAME.top]);
  const at = (scale: ScaleContinuousNumeric<number, number>) => (value: number) => Number(scale(value).toFixed(1));
  const path = line<Sample>()
    .defined(([, value]) => value !== null)
    .x(([time]) => at(xScale)(time))
    .y(([, value]) => at(yScale)(value!));
  if (steps) path.curve(curveStepAfter);
  return figure(
    title,
    about,
    markup`${grid(xScale, yScale, x, y)}
${drawn.map(({ samples, colour, dashed }) => markup`<path class="line ${colour}${dashed ? ' dashed' : ''}" d="${path(samples) ?? ''}"/>\n`)}
${marks?.(at(xScale), at(yScale)) ?? null}`,
    markup`<ul class="legend">${lines.map(({ label, colour, dashed }) => markup`<li class="${colour}${dashed ? ' dashed' : ''}">${label}</li>`)}</ul>`,
  );
}

/** A drawing with its heading, what it says, and what belongs below it. */
export function figure(title: string, about: string, drawing: Markup, below: Markup | null = null): Markup {
  return markup`<figure>
<figcaption><h3>${title}</h3><p class="quiet">${about}</p></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}. ${about}">
${drawing}
</svg>
${below}
</figure>
`;
}

function scaleOf(
  { log, domain }: Axis,
  values: readonly number[],
  fromZero: boolean,
): ScaleContinuousNumeric<number, number> {
  if (domain) return (log ? scaleLog() : scaleLinear()).domain([...domain]).clamp(true);
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(least)) return scaleLinear().domain([0, 1]);
  const scale = scaleLinear().domain([fromZero ? 0 : least, most > least || fromZero ? most || 1 : least + 1]);
  return fromZero ? scale.nice(5) : scale;
}

/** Lines and labels of both axes. */
function grid(
  xScale: ScaleContinuousNumeric<number, number>,
  yScale: ScaleContinuousNumeric<number, number>,
  x: Axis,
  y: Axis,
): Markup {
  const bottom = HEIGHT - FRAME.bottom;
  const inside = (scale: ScaleContinuousNumeric<number, number>, ticks: readonly number[]): readonly number[] => {
    const [least, most] = scale.domain() as [number, number];
    return ticks.filter((tick) => tick >= least && tick <= most);
  };
  const rows = inside(yScale, y.ticks ?? yScale.ticks(5))
    .filter((tick) => !y.whole || Number.isInteger(tick))
    .map((tick) => {
      const at = yScale(tick).toFixed(1);
      return markup`<line class="grid" x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${at}" y2="${at}"/><text x="${FRAME.left - 8}" y="${at}" class="end">${y.format(tick)}</text>`;
    });
  const columns = inside(xScale, x.ticks ?? xScale.ticks(7)).map((tick) => {
    const at = xScale(tick).toFixed(1);
    return markup`<line class="grid" x1="${at}" x2="${at}" y1="${FRAME.top}" y2="${bottom}"/><text x="${at}" y="${bottom + 16}" class="middle">${x.format(tick)}</text>`;
  });
  return markup`<g>${rows}${columns}</g>`;
}
