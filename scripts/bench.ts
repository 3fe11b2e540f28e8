/**
 * `npm run bench`: how fast the load and the observer are, each beside something known, measured side by side. Prints a table
 * and writes the raw figures as JSON. See docs/bench.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { FIGURES, type Row } from './bench/figures.ts';

const { values } = parseArgs({ options: { only: { type: 'string' }, pairs: { type: 'string' } } });
const names = values.only?.split(',') ?? Object.keys(FIGURES);
const unknown = names.filter((name) => FIGURES[name] === undefined);
if (unknown.length > 0) throw new RangeError(`--only: ${unknown} is none of ${Object.keys(FIGURES).join(', ')}`);
const pairs = values.pairs === undefined ? undefined : Number(values.pairs);
if (pairs !== undefined && !(Number.isInteger(pairs) && pairs > 0)) {
  throw new RangeError(`--pairs: ${values.pairs} is not a whole number above 0`);
}

const machine = {
  processors: `${cpus().length} × ${cpus()[0]!.model}`,
  memoryBytes: totalmem(),
  system: `${process.platform} ${release()}`,
  node: process.version,
  server: execFileSync('redis-server', ['--version'], { encoding: 'utf8' }).trim(),
  redisBenchmark: execFileSync('redis-benchmark', ['--version'], { encoding: 'utf8' }).trim(),
};
console.log(`${machine.processors}, ${machine.system}, node ${machine.node}\n${machine.server}\n`);
const rows: Row[] = [];
for (const name of names) {
  const found = await FIGURES[name]!(pairs);
  rows.push(...found);
  for (const row of found) print(row);
}
const dir = 'ttlscope-results';
mkdirSync(dir, { recursive: true });
const file = `${dir}/bench-${new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')}.json`;
writeFileSync(file, `${JSON.stringify({ machine, measuredAt: new Date().toISOString(), rows }, null, 2)}\n`);
console.log(`\n${file}`);

function print({ figure, against, goal, measured, unit, met, remarks }: Row): void {
  const text = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2));
  const { median, min, max } = measured;
  const range = min === max ? '' : ` (${text(min)} to ${text(max)})`;
  const verdict = met === null ? '' : met ? ' ✓' : ' ✗ missed';
  console.log(`${figure}\n  ${text(median)} ${unit}${range}; against ${against}; goal ${goal}${verdict}`);
  for (const remark of remarks.filter((line) => line !== '')) console.log(`  ${remark}`);
}
