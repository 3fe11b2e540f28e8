import { readFileSync } from 'node:fs';

/**
 * Processor time of the calling thread, ms, from /proc/thread-self/schedstat, whose first number is nanoseconds (Linux);
 * `null` elsewhere.
 */
export function threadCpuMs(): number | null {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}
