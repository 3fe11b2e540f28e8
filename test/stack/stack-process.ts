import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../support/redis.ts';
import { ROOT } from './compose-project.ts';

export interface StackProcess {
  child: ChildProcess;
  /** By the variables that docker-compose.yml has. */
  ports: Record<'REDIS_PORT' | 'METRICS_PORT' | 'EXPORTER_PORT' | 'PROMETHEUS_PORT' | 'GRAFANA_PORT', number>;
  /** What it has said on standard error. */
  text(): string;
  /** Resolves when that has it. @throws when it ends before */
  said(pattern: RegExp): Promise<void>;
  /** Its exit code. */
  ended: Promise<number | null>;
}

const POLL_MS = 100;
const stacks: ChildProcess[] = [];

/**
 * Starts the stack on free ports, as the leader of a process group.
 *
 * @param command what is run instead of `node scripts/stack.ts`
 */
export async function startStack(
  args: readonly string[],
  { command = [process.execPath, '--import', 'tsx', 'scripts/stack.ts'], env = {} as Record<string, string> } = {},
): Promise<StackProcess> {
  const [REDIS_PORT, METRICS_PORT, EXPORTER_PORT, PROMETHEUS_PORT, GRAFANA_PORT] = await distinctPorts(5);
  const ports = { REDIS_PORT, METRICS_PORT, EXPORTER_PORT, PROMETHEUS_PORT, GRAFANA_PORT } as StackProcess['ports'];
  const variables = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]));
  const child = spawn(command[0]!, [...command.slice(1), ...args], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...variables, ...env },
  });
  stacks.push(child);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  let text = '';
  const looks = new Set<() => void>();
  child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of looks) look();
  });
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(text) && resolve();
      looks.add(look);
      look();
      void ended.then((code) => reject(new Error(`ended with ${code} before it said ${pattern}:\n${text}`)));
    });
  return { child, ports, text: () => text, said, ended };
}

/** Ends what a failed test has left. */
export function endStacks(): void {
  for (const { pid } of stacks) {
    try {
      process.kill(-pid!, 'SIGTERM');
    } catch {
      // Nothing of it is left.
    }
  }
}

async function distinctPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** The processes that a process has started, and those that these have, by their command lines (Linux). */
export function descendantsOf(pid: number): Map<number, string> {
  const all = new Map<number, { parent: number; command: string }>();
  for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      all.set(Number(id), { parent, command: commandOf(Number(id)) });
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = new Map<number, string>();
  const look = (of: number): void => {
    for (const [child, { parent, command }] of all) {
      if (parent !== of) continue;
      found.set(child, command);
      look(child);
    }
  };
  look(pid);
  return found;
}

/** Resolves when none of the processes runs any more. */
export async function allEnded(processes: ReadonlyMap<number, string>): Promise<void> {
  const isRunning = ([pid, command]: [number, string]): boolean => {
    try {
      return command !== '' && commandOf(pid) === command;
    } catch {
      return false;
    }
  };
  while ([...processes].some(isRunning)) await delay(POLL_MS);
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
}

/** Asks until the answer is so. */
export async function until<T>(get: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await get();
    if (isSo(value)) return value;
    await delay(POLL_MS);
  }
}
