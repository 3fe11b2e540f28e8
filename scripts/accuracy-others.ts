import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const TICK_MS = 10;

/** Share of the machine that processes other than this one and `pids` use, from now until the call of the result. */
export function othersShare(pids: readonly number[]): () => number | null {
  const start = reading(pids);
  return () => {
    const end = reading(pids);
    if (start === null || end === null) return null;
    return Math.max(0, end.busyMs - start.busyMs - (end.oursMs - start.oursMs)) / (end.allMs - start.allMs);
  };
}

/** CPU times so far, ms; `null` where there is no /proc. */
function reading(pids: readonly number[]): { allMs: number; busyMs: number; oursMs: number } | null {
  let allMs = 0;
  let busyMs = 0;
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    allMs += busy + times.idle;
  }
  try {
    const oursMs = [process.pid, ...pids].reduce((sum, pid) => sum + cpuMs(pid), 0);
    return { allMs, busyMs, oursMs };
  } catch {
    return null;
  }
}

function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
