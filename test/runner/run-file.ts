import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endLeakedServers, type LeakedServer, markedCommand, newMark } from './leaked-servers.ts';

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

/** How the process of a test file came to its end. */
interface Ending {
  code: number | null;
  killedBy: NodeJS.Signals | null;
  /** Why it was killed by us; empty when it was not. */
  cutBecause: string;
  leaked: LeakedServer[];
  output: string;
}

/**
 * Runs one uvu file in a process of its own and judges it by more than its exit code, because uvu 0.5.6 exits with 0 when
 * a test rejects with something that is not an Error (the rest of the suite is then not run either), when a `before` hook
 * throws, and when `test.run()` was forgotten. The totals that it prints tell.
 */
export async function runFile(file: string, options: FileOptions = {}): Promise<FileReport> {
  const startedAt = performance.now();
  const ending = await runProcess(file, options);
  return { ...judge(ending, options.failSkipped ?? false), seconds: (performance.now() - startedAt) / 1000 };
}

async function runProcess(file: string, { limitMs = 60_000, signal }: FileOptions): Promise<Ending> {
  const directory = mkdtempSync(join(tmpdir(), 'ttlscope-test-'));
  // a file, not a pipe: a leaked process that holds it open cannot keep the runner waiting
  const outputPath = join(directory, 'output');
  const output = openSync(outputPath, 'a');
  const { FORCE_COLOR, ...env } = process.env;
  const mark = newMark();
  const [command, ...args] = markedCommand(mark, [process.execPath, '--import', 'tsx', file]);
  try {
    const child = spawn(command!, args, { cwd: ROOT, env, detached: true, stdio: ['ignore', output, output] });
    const exited = once(child, 'exit') as Promise<[code: number | null, killedBy: NodeJS.Signals | null]>;
    const cut = { because: '' };
    const cutOff = (because: string) => {
      cut.because = because;
      process.kill(-child.pid!, 'SIGKILL');
    };
    const limit = setTimeout(() => cutOff(`took longer than ${limitMs / 1000} s`), limitMs);
    const onAbort = () => cutOff('interrupted');
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
    const [code, killedBy] = await exited;
    clearTimeout(limit);
    signal?.removeEventListener('abort', onAbort);
    const leaked = await endLeakedServers(mark, cut.because ? 0 : SERVER_GRACE_MS);
    return { code, killedBy, cutBecause: cut.because, leaked, output: readFileSync(outputPath, 'utf8') };
  } finally {
    closeSync(output);
    rmSync(directory, { recursive: true, force: true });
  }
}

function judge(ending: Ending, failSkipped: boolean): Omit<FileReport, 'seconds'> {
  const totals = readTotals(ending.output);
  const { total, passed, skipped } = totals ?? { total: 0, passed: 0, skipped: 0 };
  const problems: string[] = [];
  if (ending.cutBecause) problems.push(ending.cutBecause);
  else if (ending.killedBy) problems.push(`ended by ${ending.killedBy}`);
  else if (!totals && ending.code !== 0) problems.push(`exit code ${ending.code} before the tests were done`);
  else if (total + skipped === 0) problems.push('ran no test: is test.run() called?');
  else if (passed < total) problems.push(`${total - passed} of ${total} tests failed${ending.code === 0 ? LOST : ''}`);
  else if (ending.code !== 0) problems.push(`exit code ${ending.code} although its tests passed`);
  if (failSkipped && skipped > 0) problems.push(`${skipped} skipped, which CI=true does not allow`);
  if (!ending.cutBecause && ending.leaked.length > 0) {
    problems.push(
      `left running: ${ending.leaked.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}; ended now`,
    );
  }
  const failed = total - passed + (failSkipped ? skipped : 0);
  return {
    passed,
    failed: problems.length > 0 ? Math.max(1, failed) : 0,
    skipped: failSkipped ? 0 : skipped,
    problems,
    output: ending.output,
  };
}

const LOST = ': uvu lost the reason, as a test rejected with something that is not an Error, or a hook threw';

/** uvu's closing lines, the last ones in the output; undefined where it did not come to print them. */
function readTotals(output: string): { total: number; passed: number; skipped: number } | undefined {
  const last = [...output.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)].at(-1);
  return last && { total: Number(last[1]), passed: Number(last[2]), skipped: Number(last[3]) };
}
