/**
 * `npm run reference`: workloads with known figures, measured and printed beside them. See docs/reference.md.
 */
import { parseArgs } from 'node:util';
import { run } from '../src/run/run.ts';
import { ROWS, type Row } from './reference-rows.ts';

const START_AND_END_SECONDS = 0.7;

const FIGURES = {
  p50: (sorted: number[]) => quantile(sorted, 0.5),
  p99: (sorted: number[]) => quantile(sorted, 0.99),
  max: (sorted: number[]) => quantile(sorted, 1),
  mean: (sorted: number[]) => sorted.reduce((sum, lagMs) => sum + lagMs, 0) / sorted.length,
};

const names = ROWS.map(({ name }) => name);
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const rows = ROWS.filter(({ name }) => values.only === undefined || name === values.only);
if (rows.length === 0) throw new RangeError(`--only: ${values.only} is none of ${names.join(', ')}`);

const seconds = rows.reduce((sum, row) => sum + row.runs * runSeconds(row), 0);
console.log(
  `${rows.length} rows, about ${Math.ceil(seconds / 60)} minutes: ${rows.map(({ name }) => name).join(', ')}`,
);
console.log('Seconds; where a row is run several times, the mean of the runs and their range.\n');
console.log(line('row', 'runs', 'figure', 'quoted', 'measured', 'range', 'ratio', 'verdict'));
let invalid = 0;
for (const row of rows) if (!(await measure(row))) invalid++;
if (invalid > 0) {
  console.log(`\n${invalid} of ${rows.length} rows have invalid runs: their figures prove nothing`);
  process.exitCode = 1;
}

async function measure(row: Row): Promise<boolean> {
  const runs: number[][] = [];
  const remarks = new Set<string>();
  for (let n = 0; n < row.runs; n++) runs.push(await lagsOfOneRun(row, n + 1, remarks));
  let first = true;
  for (const [figure, quoted] of Object.entries(row.quoted)) {
    const measured = runs.map((lagsMs) => FIGURES[figure as keyof typeof FIGURES](lagsMs) / 1000);
    const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length;
    const range = [Math.min(...measured), Math.max(...measured)].map((value) => value.toFixed(3)).join('-');
    console.log(
      line(
        ...(first ? [row.name, String(row.runs)] : ['', '']),
        figure,
        String(quoted),
        mean.toFixed(3),
        row.runs > 1 ? range : '',
        (mean / quoted).toFixed(2),
        first ? (remarks.size === 0 ? 'valid' : 'see below') : '',
      ),
    );
    first = false;
  }
  for (const remark of remarks) console.log(`  ${remark}`);
  return ![...remarks].some((remark) => remark.startsWith('invalid'));
}

/** Lags of the sessions that were notified, ms, ascending. What a reader must know of the run goes to `remarks`. */
async function lagsOfOneRun(row: Row, seed: number, remarks: Set<string>): Promise<number[]> {
  const lives: { deadlineMs: number; lagMs: number | null }[] = [];
  const result = await run(
    { ...row.scenario, seed },
    {
      onLife: ({ cohort, deadlineMs, lagMs }) => {
        if (cohort === row.cohort && deadlineMs !== null) lives.push({ deadlineMs, lagMs });
      },
    },
  );
  const firstMs = lives.reduce((least, { deadlineMs }) => Math.min(least, deadlineMs), Number.POSITIVE_INFINITY);
  const due = lives.filter(({ deadlineMs }) => deadlineMs - firstMs <= row.deadlineWindowMs);
  const lagsMs = due.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs])).sort((a, b) => a - b);
  const undelivered = due.length - lagsMs.length;
  if (undelivered > 0)
    remarks.add(`${undelivered} of ${due.length} were not notified by the end; figures of the others`);
  if (result.verdict.state !== 'valid') remarks.add(`${result.verdict.state}: ${result.verdict.reasons.join('; ')}`);
  return lagsMs;
}

function quantile(sorted: number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function runSeconds({ scenario: { durationMs, cutoffMs } }: Row): number {
  return (durationMs + cutoffMs) / 1000 + START_AND_END_SECONDS;
}

function line(...cells: string[]): string {
  const widths = [18, 6, 8, 8, 10, 15, 7];
  return cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join('')
    .trimEnd();
}
