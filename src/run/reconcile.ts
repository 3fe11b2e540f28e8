import type { Ledger } from '../ledger/ledger.ts';
import type { OpenLoop } from '../load/open-loop.ts';
import type { WriteLane } from '../load/write-lane.ts';
import type { Fences } from './fences.ts';

/**
 * Rows read between two fences. Reading a stale key fires its event: so many at most wait in the server's output
 * buffer at a time, about 200 kB, far below the smallest limit in use for subscribers.
 */
const BATCH = 2_000;
const FENCE_LIMIT_MS = 30_000;

export interface ReconcileOptions {
  ledger: Ledger;
  load: OpenLoop;
  lane: WriteLane;
  fences: Fences;
}

/**
 * Reads every session without an end, once, after the cut-off, with the observer listening: telling stale from lost
 * needs a read, and a read makes a stale key fire. When it returns no life is without an end.
 */
export async function reconcile({ ledger, load, lane, fences }: ReconcileOptions): Promise<void> {
  let asked = 0;
  for (const row of ledger.withoutEnd()) {
    if (!lane.up) break;
    load.ask(row);
    if (++asked % BATCH === 0) await settle(ledger, lane, fences);
  }
  await settle(ledger, lane, fences);
  ledger.giveUp();
}

async function settle(ledger: Ledger, lane: WriteLane, fences: Fences): Promise<void> {
  const fence = await fences.send({ limitMs: FENCE_LIMIT_MS });
  if (fence) return;
  if (lane.inFlight > 0) lane.close();
  ledger.fence(lane.sent);
}
