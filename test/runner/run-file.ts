import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endLeakedServers, markedCommand, newMark } from './leaked-servers.ts';

export interface FileOptions {
  /** How long the file may take, in milliseconds; then its process group is killed. (Default: 60 s) */
  limitMs?: number;
  /** Whether a skipped test is a failed one. (Default: false) */
  failSkipped?: boolean;
  /** Kills the file's process group; the report then says so. */
  signal?: AbortSignal;
}

/** What became of one test file. Counts are of tests; a file that fails in another way than by a test counts as one failed. */
export interface FileReport {
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
  /** Why the file failed; empty when it did not. */
  problems: string[];
  /** Standard output and standard error, as they came. */
  output: string;
}

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVER_GRACE_MS = 1000;

/**
 * Runs one uvu file in a process of its own and judges it by more than its exit code, because uvu 0.5.6 exits with 0 when
 * a test rejects with something that is not an Error (the rest of the suite is then not run either), when a `before` hook
 * throws, and when `test.run()` was forgotten. The totals that it prints tell.
 */
export async function runFile(file: string, options: FileOptions = {}): Promise<FileReport> {
  const { limitMs = 60_000, failSkipped = false, signal } = options;
  const startedAt = performance.now();
  const mark = newMark();
  const { FORCE_COLOR, ...env } = process.env;
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
  // a file, not a pipe: a leaked process that holds it open cannot keep the runner waiting
  const outputPath = join(directory, 'output');
  const output = openSync(outputPath, 'a');
  try {
    const [command, ...args] = markedCommand(mark, [process.execPath, '--import', 'tsx', file]);
    const child = spawn(command!, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', output, output] });
    const exited = once(child, 'exit') as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
    const cut = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal ? [signal] : [])]);
    const kill = () => process.kill(-child.pid!, 'SIGKILL');
    if (cut.aborted) kill();
    else cut.addEventListener('abort', kill);
    const [code, killedBy] = await exited;
    cut.removeEventListener('abort', kill);

    const wasCut = cut.aborted && killedBy === 'SIGKILL';
    const leaked = await endLeakedServers(mark, wasCut ? 0 : SERVER_GRACE_MS);
    const text = readFileSync(outputPath, 'utf8');
    const totals = readTotals(text);
    const problems: string[] = [];
    if (wasCut) problems.push(signal?.aborted ? 'interrupted' : `took longer than ${limitMs / 1000} s`);
    else if (killedBy !== null) problems.push(`ended by ${killedBy}`);
    else if (totals === undefined) problems.push(code === 0 ? NO_TEST : `exit code ${code} before the tests were done`);
    else if (totals.total + totals.skipped === 0) problems.push(NO_TEST);
    else if (totals.passed < totals.total) {
      problems.push(`${totals.total - totals.passed} of ${totals.total} tests failed${code === 0 ? LOST_FAILURE : ''}`);
    } else if (code !== 0) problems.push(`exit code ${code} although its tests passed`);
    if (!wasCut && leaked.length > 0) {
      problems.push(
        `left running, and ended now: ${leaked.map((server) => `${server.name} (pid ${server.pid})`).join(', ')}`,
      );
    }
    const { total, passed, skipped } = totals ?? { total: 0, passed: 0, skipped: 0 };
    if (failSkipped && skipped > 0) problems.push(`${skipped} skipped, which CI=true does not allow`);
    const failed = total - passed + (failSkipped ? skipped : 0);
    return {
      passed,
      failed: problems.length > 0 ? Math.max(1, failed) : 0,
      skipped: failSkipped ? 0 : skipped,
      seconds: (performance.now() - startedAt) / 1000,
      problems,
      output: text,
    };
  } finally {
    closeSync(output);
    rmSync(directory, { recursive: true, force: true });
  }
}

const NO_TEST = 'ran no test: is test.run() called?';
const LOST_FAILURE =
  ': uvu lost the reason, because a test rejected with something that is not an Error, or a hook threw';

/** uvu's closing lines, the last ones in the output; undefined where it did not come to print them. */
function readTotals(output: string): { total: number; passed: number; skipped: number } | undefined {
  const last = [...output.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)].at(-1);
  return last && { total: Number(last[1]), passed: Number(last[2]), skipped: Number(last[3]) };
}
