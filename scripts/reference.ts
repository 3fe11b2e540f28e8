/**
 * `npm run reference`: workloads with known figures, measured and printed beside them. See docs/reference.md.
 */
import { parseArgs } from 'node:util';
import { run } from '../src/run/run.ts';
import { ROWS, type Row } from './reference-rows.ts';

const START_AND_END_SECONDS = 2;

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

const seconds = rows.reduce((sum, { scenario }) => sum + lengthSeconds(scenario), 0);
console.log(
  `${rows.length} runs, about ${Math.ceil(seconds / 60)} minutes: ${rows.map(({ name }) => name).join(', ')}\n`,
);
console.log(line('row', 'figure', 'quoted s', 'measured s', 'ratio', 'verdict'));
let invalid = 0;
for (const row of rows) if (!(await measure(row))) invalid++;
if (invalid > 0) {
  console.log(`\n${invalid} of ${rows.length} runs were invalid: their figures prove nothing`);
  process.exitCode = 1;
}

async function measure({ name, scenario, quoted, cohort, deadlineWindowMs }: Row): Promise<boolean> {
  const lives: { deadlineMs: number; lagMs: number | null }[] = [];
  const result = await run(scenario, {
    onLife: ({ cohort: of, deadlineMs, lagMs }) => {
      if (of === cohort && deadlineMs !== null) lives.push({ deadlineMs, lagMs });
    },
  });
  const firstMs = lives.reduce((least, { deadlineMs }) => Math.min(least, deadlineMs), Number.POSITIVE_INFINITY);
  const due = lives.filter(({ deadlineMs }) => deadlineMs - firstMs <= deadlineWindowMs);
  const lagsMs = due.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs])).sort((a, b) => a - b);
  const undelivered = due.length - lagsMs.length;
  const { state, reasons } = result.verdict;
  let first = true;
  for (const [figure, quotedSeconds] of Object.entries(quoted)) {
    const measured = FIGURES[figure as keyof typeof FIGURES](lagsMs) / 1000;
    const ratio = (measured / quotedSeconds).toFixed(2);
    const verdict = first ? state : '';
    console.log(line(first ? name : '', figure, quotedSeconds.toString(), measured.toFixed(3), ratio, verdict));
    first = false;
  }
  if (undelivered > 0)
    console.log(`  ${undelivered} of ${due.length} were not delivered by the end: figures of the others`);
  for (const reason of state === 'valid' ? [] : reasons) console.log(`  ${state}: ${reason}`);
  return state === 'valid';
}

function quantile(sorted: number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function lengthSeconds({ durationMs, cutoffMs }: Row['scenario']): number {
  return (durationMs + cutoffMs) / 1000 + START_AND_END_SECONDS;
}

function line(...cells: string[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padEnd(12)))
    .join('')
    .trimEnd();
}
