import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { skipUnless } from '../skip.ts';
import { type FileOptions, runFile } from './run-file.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.fixture.ts`, import.meta.url));
const run = (name: string, options?: FileOptions) => runFile(fixture(name), options);
const counts = ({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }) => [
  passed,
  failed,
  skipped,
];

test('a good file passes, and its skipped test is told apart', async () => {
  const report = await run('good');
  assert.equal(report.problems, []);
  assert.equal(counts(report), [2, 0, 1]);
  assert.match(report.output, /^skipped: three \(a fixture\)$/m);
});

test('where skipping is not allowed, a skipped test has failed', async () => {
  const report = await run('good', { failSkipped: true });
  assert.equal(counts(report), [2, 1, 0]);
  assert.match(report.problems.join(), 'CI=true');
});

test('a failing test is counted, and the output carries its reason', async () => {
  const report = await run('failing');
  assert.equal(counts(report), [1, 1, 0]);
  assert.equal(report.problems, ['1 of 2 tests failed']);
  assert.match(report.output, 'the reason of the failure');
});

test('a file that throws while it is loaded fails', async () => {
  const report = await run('throws-at-import');
  assert.equal(counts(report), [0, 1, 0]);
  assert.match(report.problems.join(), 'exit code 1');
});

test('a file that hangs is killed at the limit', async () => {
  const report = await run('hangs', { limitMs: 1500 });
  assert.equal(counts(report), [0, 1, 0]);
  assert.equal(report.problems, ['took longer than 1.5 s']);
});

test('an abort kills the file', async () => {
  const abort = new AbortController();
  const running = run('hangs', { signal: abort.signal });
  abort.abort();
  assert.equal((await running).problems, ['interrupted']);
});

test('a test that nothing can settle fails', async () => {
  assert.equal(counts(await run('never-settles')), [0, 1, 0]);
});

test('a file without test.run() fails', async () => {
  const report = await run('without-run');
  assert.equal(counts(report), [0, 1, 0]);
  assert.match(report.problems.join(), 'test.run()');
});

test('a test that rejects with a string fails, and so do those that uvu then leaves out', async () => {
  const report = await run('rejects-with-string');
  assert.equal(counts(report), [1, 2, 0]);
  assert.match(report.problems.join(), 'not an Error');
});

test('a before hook that throws fails the file', async () => {
  assert.equal(counts(await run('before-throws')), [0, 1, 0]);
});

test('a rejection that nobody handles fails the file, even after its tests passed', async () => {
  const report = await run('unhandled-rejection');
  assert.equal(counts(report), [1, 1, 0]);
  assert.match(report.output, 'later than the test');
});

const onLinux = skipUnless(test, process.platform === 'linux', 'servers are found by /proc');

onLinux('a server left running fails the file, and is ended; the server of somebody else is not', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-'));
  const script = 'exec $(command -v redis-server || command -v valkey-server) --port 0 --unixsocket "$0" --save ""';
  const other = spawn('/bin/sh', ['-c', script, join(directory, 'other.sock')]);
  await once(other.stdout, 'data');
  const report = await run('leaks-server');
  const otherRuns = isRunning(other.pid!);
  other.kill();
  await once(other, 'close');
  rmSync(directory, { recursive: true });
  rmSync(/^socket: (.*)$/m.exec(report.output)![1]!);

  assert.equal(counts(report), [1, 1, 0]);
  const leaked = Number(/(?:redis|valkey)-server \(pid (\d+)\)/.exec(report.problems.join())?.[1]);
  assert.ok(leaked > 0, report.problems.join());
  assert.not.ok(isRunning(leaked));
  assert.ok(otherRuns);
});

function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test.run();
