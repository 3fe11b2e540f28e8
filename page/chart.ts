import uPlot from 'uplot';
import type { Gauge, HistoryRow } from '../src/metrics/history.ts';
import { element, fillTable } from './dom.ts';
import { CLOCK_STEPS, clock, spanOf } from './format.ts';
import type { Rows } from './rows.ts';

export interface Line {
  gauge: Gauge;
  label: string;
  /** A custom property of the style sheet, without its dashes. */
  colour: 'blue' | 'orange' | 'green' | 'red' | 'violet' | 'quiet';
  dashed?: boolean;
  /** What lacks a value is beyond any: marked at the top of the chart. */
  isBeyond?: boolean;
  /** 0 is no limit, and not drawn. */
  isLimit?: boolean;
}

export interface ChartOptions {
  title: string;
  about: string;
  lines: readonly Line[];
  format(value: number): string;
  /** A scale by powers of ten, for times. */
  isLog?: boolean;
}

/** Of a table beside a chart: the latest, and others spread over the run. */
const TABLE_ROWS = 40;
/** Of the plot in its box, px: charts are above each other, and so are their times. */
export const MARGIN = { top: 10, right: 20, bottom: 30, left: 64 } as const;
/** Steps of an axis of counts, rates or bytes: whole, so that no two labels are the same. */
const WHOLE_STEPS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
/** Where a scale of times has its lines, seconds. */
const TIMES = [0.0001, 0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000];

/** A figure with a chart and, at a button, its table: for those who do not see the chart. */
export abstract class Figure {
  readonly root: HTMLElement;
  protected readonly plot = element('div', { class: 'plot' });
  readonly #table = element('table');
  readonly #tableBox: HTMLElement;
  readonly #button = element('button', { type: 'button', 'aria-pressed': 'false' }, 'Table');
  protected rows: Rows;

  constructor(title: string, about: string, rows: Rows) {
    this.rows = rows;
    this.#table.append(element('caption', {}, title));
    this.#tableBox = element(
      'div',
      { class: 'table-of-chart', tabindex: '0', role: 'region', 'aria-label': title },
      this.#table,
    );
    this.#tableBox.hidden = true;
    this.#button.setAttribute('aria-label', `${title}: show as a table`);
    this.#button.addEventListener('click', () => this.#toggle());
    this.plot.setAttribute('role', 'img');
    this.plot.setAttribute('aria-label', `${title}. ${about} The button Table shows the numbers.`);
    this.root = element(
      'figure',
      {},
      element('figcaption', {}, element('h2', {}, title), this.#button, element('p', { class: 'quiet' }, about)),
      this.plot,
      this.#tableBox,
    );
  }

  /** Rows have come. */
  update(): void {
    if (this.#tableBox.hidden) this.draw();
    else this.#fill();
  }

  /** The colours of the page have changed, or its width. */
  abstract redraw(): void;
  protected abstract draw(): void;
  protected abstract cells(row: HistoryRow, at: number): string[];
  protected abstract header(): string[];

  #toggle(): void {
    const showTable = this.#tableBox.hidden;
    this.#button.setAttribute('aria-pressed', String(showTable));
    this.#tableBox.hidden = !showTable;
    this.plot.hidden = showTable;
    this.update();
  }

  #fill(): void {
    const { list } = this.rows;
    const step = Math.max(1, Math.ceil(list.length / TABLE_ROWS));
    const shown = list
      .map((row, at) => [clock(row.atSeconds), ...this.cells(row, at)])
      .filter((_, at) => (list.length - 1 - at) % step === 0)
      .reverse();
    fillTable(this.#table, ['time', ...this.header()], shown);
  }
}

export function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Lines over the run's time; where rows were put together, a band from the least to the greatest. */
export class LineChart extends Figure {
  readonly #options: ChartOptions;
  #uplot: uPlot | null = null;

  constructor(options: ChartOptions, rows: Rows) {
    super(options.title, options.about, rows);
    this.#options = options;
    const legend = options.lines.map(({ label, colour, dashed }) => {
      const item = element('li', dashed ? { class: 'dashed' } : {}, label);
      item.style.setProperty('--swatch', `var(--${colour})`);
      return item;
    });
    this.root.append(element('ul', { class: 'legend' }, ...legend));
  }

  redraw(): void {
    this.#uplot?.destroy();
    this.#uplot = null;
    this.draw();
  }

  protected header(): string[] {
    return this.#options.lines.map(({ label }) => label);
  }

  protected cells({ gauges, counts }: HistoryRow): string[] {
    const { lines, format } = this.#options;
    return lines.map(({ gauge, isBeyond, isLimit }) => {
      const { low, high } = gauges[gauge];
      if (isLimit && high === 0) return 'no limit';
      const beyond = isBeyond && counts.due > 0 ? 'not reached' : '–';
      if (low === null || low === high) return high === null ? beyond : format(high);
      return `${format(low)} to ${high === null ? beyond : format(high)}`;
    });
  }

  protected draw(): void {
    const { width, height } = this.plot.getBoundingClientRect();
    if (width === 0) return;
    this.#uplot ??= this.#make(width, height);
    if (this.#uplot.width !== width || this.#uplot.height !== height) this.#uplot.setSize({ width, height });
    const { lines } = this.#options;
    const { rows } = this;
    this.#uplot.setData([
      rows.atSeconds,
      ...lines.flatMap((line) => [this.#shown(line, rows.high(line.gauge)), this.#shown(line, rows.low(line.gauge))]),
    ]);
    this.#readOff(this.#uplot);
  }

  /** A logarithmic scale has no place for zero. */
  #shown({ isLimit }: Line, values: (number | null)[]): (number | null)[] {
    if (isLimit) return values.map((value) => value || null);
    return this.#options.isLog ? values.map((value) => (value === null ? null : Math.max(value, TIMES[0]!))) : values;
  }

  #make(width: number, height: number): uPlot {
    const { lines, format, isLog } = this.#options;
    const axis = { stroke: colourOf('quiet'), grid: { stroke: colourOf('grid'), width: 1 }, ticks: { show: false } };
    const series = lines.flatMap(({ colour, dashed }): uPlot.Series[] => [
      { stroke: colourOf(colour), width: 1.75, ...(dashed && { dash: [6, 4] }), points: { show: false } },
      { stroke: 'transparent', width: 0, points: { show: false } },
    ]);
    const bands = lines.map(
      ({ colour }, i): uPlot.Band => ({
        series: [2 * i + 1, 2 * i + 2],
        fill: `color-mix(in srgb, ${colourOf(colour)} 22%, transparent)`,
      }),
    );
    return new uPlot(
      {
        width,
        height,
        legend: { show: false },
        padding: [MARGIN.top, MARGIN.right, 0, 0],
        cursor: { drag: { x: false, y: false } },
        scales: {
          x: { time: false, range: (_, min, max) => spanOf(min ?? 0, max ?? 0) },
          y: isLog
            ? { distr: 3, range: (_, min, max) => timesAround(min ?? 1, max ?? 1) }
            : { range: (_, _min, max) => [0, Math.max(1, max * 1.08)] },
        },
        axes: [
          { ...axis, size: MARGIN.bottom, incrs: CLOCK_STEPS, values: (_, ticks) => ticks.map(clock) },
          {
            ...axis,
            size: MARGIN.left,
            values: (_, ticks) => ticks.map(format),
            ...(isLog
              ? {
                  splits: (_plot, _axis, min, max) => TIMES.filter((time) => time >= min && time <= max),
                  // Else uPlot takes the labels of all but powers of ten away.
                  filter: (_plot, splits) => splits,
                }
              : { incrs: WHOLE_STEPS }),
          },
        ],
        series: [{}, ...series],
        bands,
        hooks: { draw: [(plot) => this.#markBeyond(plot)], setCursor: [(plot) => this.#readOff(plot)] },
      },
      [[], ...series.map(() => [])] as unknown as uPlot.AlignedData,
      this.plot,
    );
  }

  /** Where a line was not reached: at the top, in its colour. */
  #markBeyond({ ctx, bbox, valToPos }: uPlot): void {
    const beyond = this.#options.lines.filter(({ isBeyond }) => isBeyond);
    const { list } = this.rows;
    const thick = 3 * devicePixelRatio;
    for (const [i, { gauge, colour }] of beyond.entries()) {
      ctx.fillStyle = colourOf(colour);
      for (const [at, { atSeconds, gauges, counts }] of list.entries()) {
        if (counts.due === 0 || gauges[gauge].high !== null) continue;
        const from = valToPos(list[at - 1]?.atSeconds ?? atSeconds, 'x', true);
        const to = valToPos(atSeconds, 'x', true);
        ctx.fillRect(from, bbox.top + i * (thick + devicePixelRatio), Math.max(to - from, devicePixelRatio), thick);
      }
    }
  }

  /** What the pointer is over, in the legend; else the latest. */
  #readOff({ cursor: { idx } }: uPlot): void {
    const row = idx == null ? this.rows.list.at(-1) : this.rows.list[idx];
    if (row === undefined) return;
    const items = this.root.querySelectorAll('.legend li');
    const cells = this.cells(row);
    for (const [i, { label }] of this.#options.lines.entries()) items[i]!.textContent = `${label} ${cells[i]}`;
  }
}

/** From the time below the half of the least to that above the greatest, at least two apart. */
function timesAround(min: number, max: number): [number, number] {
  const from = Math.max(
    0,
    TIMES.findLastIndex((time) => time <= min / 2),
  );
  const above = TIMES.findIndex((time) => time >= max);
  const to = Math.max(from + 2, above < 0 ? TIMES.length - 1 : above);
  return [TIMES[Math.min(from, TIMES.length - 3)]!, TIMES[Math.min(to, TIMES.length - 1)]!];
}
