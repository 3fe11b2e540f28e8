/**
 * The test runner: `npm test` runs every `test/**` file that ends in `.test.ts`, each in a process of its own, two at a
 * time; those that end in `.alone.test.ts` come after the others, one at a time, because they measure time.
 * `npm test -- PATTERN…` runs the files whose path contains a pattern, or a file named in full, whatever it ends in.
 *
 * The last line is `N passed, N failed`, and `, N skipped` where some were. Exit code 1 where something failed or nothing
 * ran at all. With CI=true a skipped test has failed.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FileReport, runFile } from './runner/run-file.ts';
import { SKIPPED } from './skip.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const AT_A_TIME = 2;

function chooseFiles(patterns: string[]): string[] {
  const all = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => join('test', path))
    .sort();
  if (patterns.length === 0) return all;
  const named = patterns.filter((pattern) => statSync(resolve(pattern), { throwIfNoEntry: false })?.isFile());
  const paths = named.map((path) => relative(ROOT, resolve(path)));
  const matched = all.filter((path) => patterns.some((pattern) => !named.includes(pattern) && path.includes(pattern)));
  return [...new Set([...paths, ...matched])];
}

function printReport(file: string, report: FileReport): void {
  const word = report.problems.length > 0 ? 'FAIL' : 'ok  ';
  console.log(
    `${word} ${report.seconds.toFixed(2).padStart(6)} s  ${String(report.passed).padStart(4)} passed  ${file}`,
  );
  if (report.problems.length > 0) {
    console.log(report.output.trimEnd());
    for (const problem of report.problems) console.log(`     ${file}: ${problem}`);
  } else {
    for (const line of report.output.split('\n')) if (line.startsWith(SKIPPED)) console.log(`     ${line}`);
  }
}

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort());

const sum = { passed: 0, failed: 0, skipped: 0 };

async function runInTurn(queue: string[]): Promise<void> {
  for (let file = queue.shift(); file !== undefined && !interrupt.signal.aborted; file = queue.shift()) {
    const report = await runFile(file, { failSkipped: process.env.CI === 'true', signal: interrupt.signal });
    printReport(file, report);
    sum.passed += report.passed;
    sum.failed += report.failed;
    sum.skipped += report.skipped;
  }
}

const patterns = process.argv.slice(2);
const files = chooseFiles(patterns);
const together = files.filter((file) => !file.endsWith('.alone.test.ts'));
await Promise.all(Array.from({ length: AT_A_TIME }, () => runInTurn(together)));
await runInTurn(files.filter((file) => file.endsWith('.alone.test.ts')));

if (files.length === 0) console.error(`no test file matches ${patterns.join(' ') || 'test/**/*.test.ts'}`);
if (interrupt.signal.aborted) console.error('interrupted: not all files were run');
console.log(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
if (sum.failed > 0 || sum.passed + sum.skipped === 0 || interrupt.signal.aborted) process.exitCode = 1;
