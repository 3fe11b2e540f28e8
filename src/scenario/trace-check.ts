import { TraceFile } from './trace-file.ts';

export interface TraceNeeds {
  /** Lines at or after it are not of the scenario, and not read. */
  durationMs: number;
  /** The longest TTL that the ledger carries with this duration and jitter. */
  longestTtlMs: number;
  /** The cohort has no default for it. */
  needsTtl: boolean;
  /** `none`: the cohort has no activity. */
  activity: 'none' | 'needed' | 'optional';
}

/**
 * Reads a trace once; returns how many sessions it has.
 *
 * @throws {TraceError} with the first line that cannot be
 */
export function checkTrace(file: string, { durationMs, longestTtlMs, needsTtl, activity }: TraceNeeds): number {
  const trace = new TraceFile(file);
  let sessions = 0;
  while (trace.next() && trace.arrivalMs < durationMs) {
    const { ttlMs, activityMs } = trace;
    if (ttlMs === null) {
      if (needsTtl) trace.fail('ttl', 'is missing, and the cohort has no ttl for such a line');
    } else if (ttlMs === 0) trace.fail('ttl', 'is not more than 0');
    else if (ttlMs > longestTtlMs) {
      trace.fail(
        'ttl',
        `${ttlMs / 1000} s is longer than the ledger carries with this duration, ${longestTtlMs / 1000} s`,
      );
    }
    if (activityMs === null) {
      if (activity === 'needed') trace.fail('activity', 'is missing, and the activity has no for for such a line');
    } else if (activity === 'none') trace.fail('activity', 'needs an activity in the cohort: {every: 2s}');
    sessions++;
  }
  return sessions;
}
