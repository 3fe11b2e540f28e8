/**
 * `npm run accuracy`: the lag of each session as ttlscope has it, against independent witnesses of the same events.
 * See docs/accuracy.md. Exits with 1 when a bound does not hold.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Differences, type Load, loadSeconds, measure } from './accuracy-run.ts';

/** p99 of the absolute difference from the kernel's time, ms. */
const BOUNDS_MS: Record<Load, number> = { idle: 0.3, herd: 5 };
const SETUP_SECONDS = 4;
const LOADS: readonly Load[] = ['idle', 'herd'];
const COLUMNS = [
  ['observerToWire', 'ttlscope - wire'],
  ['socketToWire', 'socket - wire'],
  ['order', 'wire: us - socket'],
  ['observerToSocket', 'ttlscope - socket'],
] as const;

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' }, only: { type: 'string' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs: ${values.runs} is not a whole number from 1 up`);
const loads = LOADS.filter((load) => values.only === undefined || values.only === load);
if (loads.length === 0) throw new RangeError(`--only: ${values.only} is neither idle nor herd`);

const capture = mayCapture();
const seconds = loads.reduce((sum, load) => sum + runs * (loadSeconds(load) + SETUP_SECONDS), 0);
console.log(`${runs} runs each of ${loads.join(' and ')}, about ${Math.ceil(seconds / 60)} minutes.`);
if (!capture) console.log('tcpdump may not capture here: the bounds are held against the bare socket alone.');
console.log('Differences in ms: p50 / p99 / max by size, with their sign.\n');
console.log(['load run  events', ...COLUMNS.map(([, title]) => title.padEnd(24))].join('  '));

const failures: string[] = [];
const worst: string[] = [];
for (const load of loads) {
  const p99s: number[] = [];
  for (let n = 1; n <= runs; n++) {
    const found = await measure(load, n, capture);
    const cells = COLUMNS.map(([name]) => describe(found[name]).padEnd(24));
    console.log([`${load} ${String(n).padStart(3)}  ${String(found.events).padStart(6)}`, ...cells].join('  '));
    if (found.invalid.length > 0) console.log(`          the run was invalid: ${found.invalid.join('; ')}`);
    p99s.push(bounded(found));
  }
  const p99 = Math.max(...p99s);
  const line = `${load}: worst p99 ${p99.toFixed(3)} ms of ${runs} runs, bound ${BOUNDS_MS[load]} ms`;
  worst.push(line);
  if (p99 > BOUNDS_MS[load]) failures.push(line);
}

console.log(`\n${worst.join('\n')}`);
if (failures.length > 0) {
  console.log(`${failures.length} of ${worst.length} bounds do not hold`);
  process.exitCode = 1;
}

function mayCapture(): boolean {
  const trial = spawnSync('tcpdump', ['-i', 'lo', '-d', 'tcp'], { stdio: 'ignore' });
  return trial.status === 0;
}

function bounded({ observerToWire, observerToSocket }: Differences): number {
  return Math.abs(bySize(observerToWire ?? observerToSocket, 0.99));
}

function describe(differences: Float64Array | null): string {
  if (differences === null) return '-';
  return [0.5, 0.99, 1].map((share) => bySize(differences, share).toFixed(3)).join(' / ');
}

/** The difference that `share` of all do not exceed in size; its sign is its own. */
function bySize(differences: Float64Array, share: number): number {
  const sorted = [...differences].sort((a, b) => Math.abs(a) - Math.abs(b));
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
