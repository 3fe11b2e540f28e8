import './page.css';
import { type Figure, LineChart } from './chart.ts';
import { byId, setText } from './dom.ts';
import { showFigures, showVerdict } from './figures.ts';
import { formatBytes, formatCount, lag, perSecond } from './format.ts';
import { Heatmap } from './heatmap.ts';
import { Rows } from './rows.ts';
import { showState } from './state.ts';
import { follow } from './stream.ts';

const rows = new Rows();

const figures: readonly Figure[] = [
  new LineChart(
    {
      title: 'Expiry lag, of all that fell due',
      about: 'The stale are counted (Aalen-Johansen). A bar at the top: not reached.',
      lines: [
        { gauge: 'lagP99Seconds', label: 'p99', colour: 'red', isBeyond: true },
        { gauge: 'lagP90Seconds', label: 'p90', colour: 'orange', isBeyond: true },
        { gauge: 'lagP50Seconds', label: 'p50', colour: 'blue', isBeyond: true },
      ],
      format: lag,
      isLog: true,
    },
    rows,
  ),
  new Heatmap(rows),
  new LineChart(
    {
      title: 'Due against heard, a second',
      about: 'While fewer are heard than fall due, dead sessions pile up.',
      lines: [
        { gauge: 'duePerSecond', label: 'fell due', colour: 'orange' },
        { gauge: 'heardPerSecond', label: 'heard', colour: 'blue' },
      ],
      format: perSecond,
    },
    rows,
  ),
  new LineChart(
    {
      title: 'Stale sessions',
      about: 'Past their deadline and unheard: dead, and still in memory.',
      lines: [{ gauge: 'stale', label: 'stale', colour: 'violet' }],
      format: formatCount,
    },
    rows,
  ),
  new LineChart(
    {
      title: 'Memory',
      about: 'Of the server, and how much of it the stale sessions hold.',
      lines: [
        { gauge: 'usedMemoryBytes', label: 'used', colour: 'blue' },
        { gauge: 'staleBytes', label: 'stale', colour: 'violet' },
        { gauge: 'maxmemoryBytes', label: 'maxmemory', colour: 'quiet', dashed: true, isLimit: true },
      ],
      format: formatBytes,
    },
    rows,
  ),
  new LineChart(
    {
      title: 'Evictions a second',
      about: 'Early: users logged out before their time.',
      lines: [
        { gauge: 'evictedEarlyPerSecond', label: 'early', colour: 'red' },
        { gauge: 'evictedStalePerSecond', label: 'stale', colour: 'green' },
      ],
      format: perSecond,
    },
    rows,
  ),
];

const charts = byId('charts');
charts.append(...figures.map(({ root }) => root));

function update(): void {
  showFigures(rows.latest);
  for (const figure of figures) figure.update();
}

update();

const CONNECTIONS = { connecting: 'connecting', live: 'live', lost: 'connection lost, trying again' } as const;

let isOver = false;
const stream = follow({
  history(message) {
    rows.replace(message);
    update();
  },
  row(message) {
    rows.set(message);
    update();
  },
  state(state) {
    showVerdict(state);
    showState(state);
    isOver = state.phase === 'done';
    if (!isOver) return;
    // Nothing more comes; the page stays as it is when the server is gone.
    stream.close();
    show('done', 'the run is over');
  },
  connection(state) {
    if (!isOver) show(state, CONNECTIONS[state]);
  },
});

function show(state: string, text: string): void {
  byId('connection').dataset.state = state;
  setText(byId('connection'), text);
}

const redraw = (): void => {
  for (const figure of figures) figure.redraw();
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
new ResizeObserver(() => {
  for (const figure of figures) figure.update();
}).observe(charts);
