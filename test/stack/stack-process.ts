import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
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
  /** Ends what a failed test has left. */
  end(): void;
}

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
  const end = (): void => {
    try {
      process.kill(-child.pid!, 'SIGTERM');
    } catch {
      // Nothing of it is left.
    }
  };
  return { child, ports, text: () => text, said, ended, end };
}

async function distinctPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** The processes that a process has started, and those that these have, by their command lines (Linux). */
export function descendantsOf(pid: number): Map<number, string> {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const found = new Map<number, string>();
  const look = (parent: number): void => {
    for (const [child, of] of parents) {
      if (of !== parent) continue;
      found.set(child, readFileSync(`/proc/${child}/cmdline`, 'utf8').replaceAll('\0', ' '));
      look(child);
    }
  };
  look(pid);
  return found;
}

/** Those of the processes that still run the same. */
export function stillRunning(processes: ReadonlyMap<number, string>): string[] {
  return [...processes].flatMap(([pid, command]) => {
    try {
      const now = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return now === command && now !== '' ? [`${pid} ${command}`] : [];
    } catch {
      return [];
    }
  });
}
