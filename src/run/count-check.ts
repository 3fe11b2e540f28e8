import type { Life } from '../ledger/ledger.ts';
import { HEARD_RESOLUTION_MS } from '../ledger/rows.ts';
import { after, notBefore } from './ascending.ts';

/** What the server's INFO says at one fence, beside what the ledger holds at the same point of the stream. */
export interface CountSample {
  /** When the fence was published and when it was heard, in run time. */
  readonly publishedMs: number;
  readonly heardMs: number;
  /** Keys with a TTL in our database, less other people's at the start and less canaries. */
  readonly serverCount: number;
  /** The same by the ledger: lives at the fence, ends heard but not yet settled taken off. At least, and at most. */
  readonly ledgerLeast: number;
  readonly ledgerMost: number;
  /** Lives in the ledger whose deadline is ahead, and lives of which that is too close to tell. */
  readonly live: number;
  readonly close: number;
  /** Ends heard that wait for a later fence to be settled. */
  readonly waitingEnds: number;
  /** Change of expired_keys since the first fence, and `expired` events heard since. */
  readonly serverExpired: number;
  readonly heardExpired: number;
  /** The same of evicted_keys and `evicted` events. */
  readonly serverEvicted: number;
  readonly heardEvicted: number;
}

export interface CountVerdict {
  state: 'held' | 'broken' | 'not possible';
  reason: string | null;
  fences: number;
  worstDifference: number;
}

/**
 * Compares two counts at each fence, the server's and ours at least and at most. They must agree exactly: the fence
 * orders our commands and all events. Where they do not, and someone else may have written (`others` says who), nothing
 * can be concluded.
 */
export function checkCounts(
  counts: readonly (readonly [server: number, least: number, most: number])[],
  others: string | null,
): CountVerdict {
  let worst = 0;
  for (const [server, least, most] of counts) {
    const difference = server < least ? server - least : Math.max(0, server - most);
    if (Math.abs(difference) > Math.abs(worst)) worst = difference;
  }
  if (counts.length === 0) {
    return { state: 'not possible', reason: 'no fence was heard', fences: 0, worstDifference: 0 };
  }
  const state = worst === 0 ? 'held' : others === null ? 'broken' : 'not possible';
  return { state, reason: worst === 0 ? null : others, fences: counts.length, worstDifference: worst };
}

export interface LittlesLaw extends CountVerdict {
  /** Session-seconds: stale sessions at the fences by the server's count, each until the next fence. */
  staleSecondsByServer: number;
  /** The same sum with the lives whose [deadline, end] contains the fence; what may or may not counts half. */
  staleSecondsByLives: number;
  /** Σ over lives of the whole overlap of [deadline, end] with the time from the first fence to the last. */
  overlapSeconds: number;
}

/**
 * Little's law along the sample path: at each fence the stale sessions by the server's count must be the lives whose
 * final interval [deadline, end heard] contains it. A life whose deadline then or in the end is within its error of the
 * fence, or whose end was heard in the same read as the fence, may count or not. It checks the book-keeping, not the clock.
 *
 * @param lives every life; `errorMs` of a life is the error of its deadline
 * @param endMs where a life without an end heard is taken to end: the cut-off
 */
export function checkLittlesLaw(
  samples: readonly CountSample[],
  lives: Iterable<Life & { errorMs: number }>,
  endMs: number,
  others: string | null,
): LittlesLaw {
  const n = samples.length;
  const times = samples.map(({ publishedMs }) => publishedMs);
  const heard = samples.map(({ heardMs }) => heardMs);
  const surely = new Float64Array(n + 1);
  const possibly = new Float64Array(n + 1);
  const [fromMs, toMs] = [times[0] ?? 0, times[n - 1] ?? 0];
  let overlap = 0;
  for (const { deadlineMs, endedMs, outcome, errorMs } of lives) {
    if (outcome === 'refused' || outcome === 'evicted_early' || outcome === 'logged_out') continue;
    const end = endedMs ?? endMs;
    if (end <= deadlineMs) continue;
    overlap += Math.max(0, Math.min(end, toMs) - Math.max(deadlineMs, fromMs));
    addRange(
      surely,
      after(times, deadlineMs + errorMs),
      endedMs === null ? n : notBefore(heard, end - HEARD_RESOLUTION_MS),
    );
    addRange(
      possibly,
      notBefore(times, deadlineMs - errorMs),
      endedMs === null ? n : after(heard, end + HEARD_RESOLUTION_MS),
    );
  }
  let byServer = 0;
  let byLives = 0;
  let least = 0;
  let most = 0;
  const counts: [number, number, number][] = [];
  for (let i = 0; i < n; i++) {
    least += surely[i]!;
    most += possibly[i]!;
    const { serverCount, live, close, waitingEnds } = samples[i]!;
    const stale = serverCount - live;
    counts.push([stale, least - waitingEnds - close, most + close]);
    const untilNextMs = i + 1 < n ? times[i + 1]! - times[i]! : 0;
    byServer += stale * untilNextMs;
    byLives += ((least + most) / 2) * untilNextMs;
  }
  return {
    ...checkCounts(counts, others),
    staleSecondsByServer: byServer / 1000,
    staleSecondsByLives: byLives / 1000,
    overlapSeconds: overlap / 1000,
  };
}

function addRange(steps: Float64Array, from: number, to: number): void {
  if (from >= to) return;
  steps[from]!++;
  steps[to]!--;
}
