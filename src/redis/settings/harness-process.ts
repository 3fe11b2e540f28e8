import { readFileSync } from 'node:fs';

/** A process, told from a later one that has its number. */
export interface HarnessProcess {
  pid: number;
  /** In clock ticks from the machine's boot; `null` where the system does not tell it in /proc. */
  startTicks: string | null;
}

export function thisProcess(): HarnessProcess {
  return { pid: process.pid, startTicks: statOf(process.pid)?.startTicks ?? null };
}

/** Whether it still runs. A zombie does not. Where /proc is missing, whoever has its number is taken for it. */
export function isRunning({ pid, startTicks }: HarnessProcess): boolean {
  const stat = statOf(pid);
  if (stat) return !/[ZX]/.test(stat.state) && (startTicks === null || stat.startTicks === startTicks);
  if (startTicks !== null) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Fields 3 and 22 of /proc/PID/stat; the second is a name in brackets that may contain anything. */
function statOf(pid: number): { state: string; startTicks: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, startTicks: fields[19]! };
  } catch {
    return null;
  }
}
