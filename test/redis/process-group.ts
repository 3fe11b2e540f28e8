import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 5_000;

/** A process's group, by /proc; `null` where it is no more, or only waits to be reaped. */
export function groupOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? null : Number(group);
  } catch {
    return null;
  }
}

/** The live processes of a group. */
export function membersOf(group: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => groupOf(pid) === group);
}

/** Waits until `condition` holds, 5 s at most. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`not so within ${LIMIT_MS / 1000} s: ${what}`);
    await delay(5);
  }
}
