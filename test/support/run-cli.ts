import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CliRun {
  child: ChildProcess;
  /** Resolves when standard error has said this. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/**
 * Starts `bin/ttlscope` with these arguments; its standard output is gathered, unless it goes to a file's descriptor.
 *
 * @param options.env variables beside those of this process
 */
export function startCli(
  args: readonly string[],
  { stdout: file, env }: { stdout?: number; env?: Record<string, string> } = {},
): CliRun {
  const bin = fileURLToPath(new URL('../../bin/ttlscope', import.meta.url));
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', file ?? 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
    for (const look of waiting) look();
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(stderr);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then(({ code }) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${stderr}`)));
    });
  return { child, said, ended };
}
