/**
 * Holds the model of the expire cycle against a real server: `npm run model`, and `-- --only TEXT` for some of the cells.
 * Prints what was measured beside what is predicted; exit code 1 where they differ by more than 15%.
 */
import { predictExpiry } from '../src/model/expire-cycle.ts';
import type { Result } from '../src/result/schema.ts';
import { run } from '../src/run/run.ts';
import { parseScenario } from '../src/scenario/load.ts';

/** Sessions of 1 h, beside those that fall due: so many a second (with a TTL of 1 s), or so many at once. */
export interface Cell {
  live: number;
  perSecond: number;
  burst: number;
  hz: number;
  effort: number;
}

const TTL_SECONDS = 1;
const TOLERANCE = 0.15;
const SAMPLES = 1500;
const LONGEST_SECONDS = 60;
/** Cells that need little of a processor run so many at a time. */
const AT_A_TIME = 2;
const BUSY_PER_SECOND = 5_000;

const steady = (live: number, perSecond: number, hz: number, effort: number): Cell => {
  return { live, perSecond, burst: 0, hz, effort };
};
const burst = (live: number, burst: number, hz: number, effort: number): Cell => {
  return { live, perSecond: 0, burst, hz, effort };
};

const CELLS: readonly Cell[] = [
  steady(1_000, 0.1, 100, 1),
  steady(1_000, 5, 10, 1),
  steady(1_000, 50, 10, 1),
  steady(10_000, 200, 10, 1),
  steady(10_000, 1_000, 10, 1),
  steady(10_000, 10_000, 10, 1),
  steady(100_000, 10_000, 10, 1),
  steady(10_000, 100, 10, 5),
  steady(100_000, 1_000, 10, 5),
  steady(10_000, 100, 10, 10),
  steady(10_000, 100, 100, 1),
  steady(100_000, 1_000, 100, 1),
  steady(10_000, 20, 100, 5),
  steady(100_000, 10, 100, 10),
  burst(10_000, 1_000, 10, 1),
  burst(10_000, 1_000, 100, 1),
  burst(100_000, 1_000, 10, 1),
  burst(100_000, 1_000, 100, 1),
  burst(100_000, 10_000, 10, 5),
];

interface Row {
  cell: string;
  what: string;
  measured: number;
  predicted: number;
}

/** A share or a time of so many digits as are worth reading. */
const digits = (value: number): string => String(Number(value.toPrecision(3)));

function nameOf({ live, perSecond, burst, hz, effort }: Cell): string {
  const due = burst > 0 ? `${burst} at once` : `${perSecond}/s`;
  return `${live} live, ${due}, hz ${hz}, effort ${effort}`;
}

async function measure(cell: Cell): Promise<Row[]> {
  const { live, perSecond, burst, hz, effort } = cell;
  const liveKeys = live + perSecond * TTL_SECONDS;
  const prediction = predictExpiry({ liveKeys, duePerSecond: perSecond, burst }, { hz, effort });
  const { p50Seconds, p99Seconds, sweepSeconds, shareWithin } = prediction;
  const followed = Math.min(LONGEST_SECONDS, 2 * p99Seconds + 2);
  const result = await run(scenarioOf(cell, sweepSeconds, followed));
  if (result.verdict.state !== 'valid') throw new Error(`${nameOf(cell)}: ${result.verdict.reasons.join('; ')}`);
  const { p50, p99 } = lagOf(result);
  const row = (what: string, measured: number, predicted: number): Row => {
    return { cell: nameOf(cell), what, measured, predicted };
  };
  const share = row(`share within ${digits(followed)} s`, shareHeard(result), shareWithin(followed));
  return [
    ...(p50 === null ? [share] : [row('p50, s', p50, p50Seconds)]),
    ...(p99 === null ? (p50 === null ? [] : [share]) : [row('p99, s', p99, p99Seconds)]),
  ];
}

/** Those of `due` alone are judged: before them others bring the backlog to its steady state, after them others keep it. */
function scenarioOf({ live, perSecond, burst, hz, effort }: Cell, sweepSeconds: number, followedSeconds: number) {
  const server = { hz, 'active-expire-effort': effort, 'dynamic-hz': 'no' };
  const living = { live: { sessions: live, ttl: '1h', payload: 10 } };
  if (burst > 0) {
    const due = { sessions: burst, ttl: { together: '1s' }, payload: 10 };
    return parseScenario({
      duration: '1s',
      cutoff: `${Math.round(followedSeconds * 1000)}ms`,
      server,
      cohorts: { ...living, due },
    });
  }
  const before = TTL_SECONDS + 2.5 * sweepSeconds + 1;
  const judged = perSecond < 1 ? 900 : Math.max(SAMPLES / perSecond, 2 * sweepSeconds, 5);
  const after = TTL_SECONDS + followedSeconds;
  const ms = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;
  const during = (...rates: number[]) => {
    const lengths = [before, judged, after];
    return { steps: rates.map((rate, i) => ({ rate: `${rate}/s`, for: ms(lengths[i]!) })) };
  };
  const arriving = (...rates: number[]) => ({ arrivals: during(...rates), ttl: `${TTL_SECONDS}s`, payload: 10 });
  return parseScenario({
    duration: ms(Math.round((before + judged + after) * 1000) / 1000),
    server,
    cohorts: {
      ...living,
      before: arriving(perSecond, 0, 0),
      due: arriving(0, perSecond, 0),
      after: arriving(0, 0, perSecond),
    },
  });
}

function lagOf({ cohorts }: Result): Result['totals']['expiryLagCycleOnlySeconds'] {
  return cohorts.due!.expiryLagCycleOnlySeconds;
}

function shareHeard(result: Result): number {
  const { delivered, censored } = lagOf(result);
  return delivered / (delivered + censored);
}

async function measureAll(cells: readonly Cell[]): Promise<Row[]> {
  const rows = new Map<Cell, Row[]>();
  const inTurn = async (queue: Cell[]): Promise<void> => {
    for (let cell = queue.shift(); cell; cell = queue.shift()) {
      rows.set(cell, await measure(cell));
      for (const row of rows.get(cell)!) process.stderr.write(`${print(row)}\n`);
    }
  };
  const isBusy = ({ perSecond }: Cell): boolean => perSecond > BUSY_PER_SECOND;
  const quiet = cells.filter((cell) => !isBusy(cell));
  await Promise.all(Array.from({ length: AT_A_TIME }, () => inTurn(quiet)));
  await inTurn(cells.filter(isBusy));
  return cells.flatMap((cell) => rows.get(cell)!);
}

const ratioOf = ({ measured, predicted }: Row): number => predicted / measured;
const print = (row: Row): string =>
  `| ${row.cell} | ${row.what} | ${digits(row.measured)} | ${digits(row.predicted)} | ${ratioOf(row).toFixed(2)} |`;

const [flag, text = ''] = process.argv.slice(2);
const rows = await measureAll(flag === '--only' ? CELLS.filter((cell) => nameOf(cell).includes(text)) : CELLS);
console.log('| cell | what | measured | predicted | ratio |\n| --- | --- | --- | --- | --- |');
for (const row of rows) console.log(print(row));
const off = rows.filter((row) => Math.abs(ratioOf(row) - 1) > TOLERANCE);
console.log(`${rows.length} figures, ${off.length} off by more than ${TOLERANCE * 100}%`);
process.exitCode = off.length === 0 && rows.length > 0 ? 0 : 1;
