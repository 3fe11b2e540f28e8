import type { Plan } from '../load/plan.ts';
import type { Refresh } from '../scenario/scenario.ts';

/** Of a session that its visitor ended. */
export const LOGGED_OUT = Number.NaN;

/**
 * What a visitor does, as the load does it, on a server that answers at once and deletes each session at its deadline.
 *
 * @param arrivesMs from the start of the measurement, at the end of which, `endMs`, the load stops
 * @param deadlineMs as it is set when the session is made
 * @param onRequest is told of each request, ms
 * @returns the deadline that the session is left with, or `LOGGED_OUT`
 */
export function simulateVisit(
  plan: Plan,
  index: number,
  { kind, renewBelow }: Refresh,
  arrivesMs: number,
  deadlineMs: number,
  endMs: number,
  onRequest: (atMs: number) => void,
): number {
  const ttlMs = plan.ttlMs(index);
  const leavesMs = arrivesMs + plan.visitLengthMs(index);
  let dueMs = deadlineMs;
  let atMs = arrivesMs;
  for (let request = 0; ; request++) {
    atMs += plan.requestGapMs(index, request);
    if (atMs >= leavesMs) break;
    if (atMs >= endMs) return dueMs;
    onRequest(atMs);
    if (atMs > dueMs) return dueMs;
    if (kind !== 'none' && (renewBelow === null || dueMs - atMs < renewBelow * ttlMs)) dueMs = atMs + ttlMs;
  }
  const logsOut = leavesMs < endMs && leavesMs <= dueMs && plan.logsOut(index);
  return logsOut ? LOGGED_OUT : dueMs;
}
