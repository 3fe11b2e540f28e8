import type { Plan } from '../load/plan.ts';
import type { StoreRules } from './store-rules.ts';

/** Of a session that its visitor ended. */
const LOGGED_OUT = Number.NaN;

/**
 * What a visitor does, as the load does it, on a server that answers at once and deletes each session at its deadline.
 *
 * @param arrivesMs from the start of the measurement, at the end of which, `endMs`, the load stops
 * @param plannedMs the deadline that the session is made for
 * @param onRequest is told of each request, ms
 * @returns the deadline that the store leaves the session with, or `LOGGED_OUT`
 */
export function simulateVisit(
  plan: Plan,
  index: number,
  { refresh: { kind, renewBelow }, judgesAge, created, refreshed }: StoreRules,
  arrivesMs: number,
  plannedMs: number,
  endMs: number,
  onRequest: (atMs: number) => void,
): number {
  const ttlMs = plan.ttlMs(index);
  const leavesMs = arrivesMs + plan.visitLengthMs(index);
  let dueMs = plannedMs;
  let storedMs = created(arrivesMs, plannedMs);
  let atMs = arrivesMs;
  for (let request = 0; ; request++) {
    atMs += plan.requestGapMs(index, request);
    if (atMs >= leavesMs) break;
    if (atMs >= endMs) return storedMs;
    onRequest(atMs);
    if (atMs > storedMs || (judgesAge && atMs > dueMs)) return storedMs;
    if (kind === 'none' || (renewBelow !== null && dueMs - atMs >= renewBelow * ttlMs)) continue;
    dueMs = atMs + ttlMs;
    storedMs = refreshed(atMs, dueMs);
  }
  const logsOut = leavesMs < endMs && leavesMs <= storedMs && plan.logsOut(index);
  return logsOut ? LOGGED_OUT : storedMs;
}
