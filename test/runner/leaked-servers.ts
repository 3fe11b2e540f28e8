/**
 * Finds the servers that a test file left running, detached ones and orphans included, and ends them.
 *
 * What marks a file's descendants is a resource limit: Redis writes its process title over its environment, so a variable
 * would not last. The soft limit on file locks has had no effect since Linux 2.4.25 (setrlimit(2)), every descendant
 * inherits it, and `/proc/PID/limits` shows it. Elsewhere than on Linux nothing is marked and nothing is found.
 */
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export type Mark = number;

export const newMark = (): Mark => randomInt(1_000_000, 2 ** 31);

/** The command that runs `command` with `mark` upon it; dash calls the limit -w, bash -x. The process id stays the same. */
export function markedCommand(mark: Mark, command: readonly string[]): string[] {
  if (process.platform !== 'linux') return [...command];
  const script = '{ ulimit -S -w "$0" 2>/dev/null || ulimit -S -x "$0"; } && exec "$@"';
  return ['/bin/sh', '-c', script, String(mark), ...command];
}

export interface LeakedServer {
  pid: number;
  name: string;
}

/** The redis-server and valkey-server processes that carry `mark` and are alive. */
export function findServers(mark: Mark): LeakedServer[] {
  if (process.platform !== 'linux') return [];
  const servers: LeakedServer[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // the state Z is that of a process that has ended and waits for its parent to take note
      const name = /^\d+ \((redis-server|valkey-server)\) [^ZX]/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8'))?.[1];
      if (name === undefined) continue;
      const limits = readFileSync(`/proc/${entry}/limits`, 'utf8');
      if (limits.match(/^Max file locks +(\d+)/m)?.[1] === String(mark)) servers.push({ pid: Number(entry), name });
    } catch {
      // the process ended while it was looked at
    }
  }
  return servers;
}

/**
 * Ends the servers that carry `mark` and still run after `graceMs` (a server that was told to end may need a moment).
 *
 * @returns those that had to be ended
 */
export async function endLeakedServers(mark: Mark, graceMs: number): Promise<LeakedServer[]> {
  const giveUpAt = performance.now() + graceMs;
  let servers = findServers(mark);
  while (servers.length > 0 && performance.now() < giveUpAt) {
    await delay(20);
    servers = findServers(mark);
  }
  for (const { pid } of servers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }
  for (let look = 0; look < 100 && findServers(mark).length > 0; look++) await delay(10);
  return servers;
}
