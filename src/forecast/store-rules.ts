import type { Cohort, Refresh } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';
import type { Deadline, Operation } from '../stores/profile.ts';

/** When a session ends as a store keeps it: at the deadline that the harness plans, or at one that the store makes of it. */
export interface StoreRules {
  refresh: Refresh;
  /** A visitor whose session is past the planned deadline leaves, though the store still has it. */
  judgesAge: boolean;
  /** The deadline of a session that is made at this time, ms; Infinity when it gets none. */
  created(atMs: number, plannedMs: number): number;
  /** The same of one that is refreshed. */
  refreshed(atMs: number, plannedMs: number): number;
}

export function rulesOf({ store, refresh }: Cohort): StoreRules {
  const { create, refreshes, judgesAge } = storeProfile(store);
  const made = deadlineOf(create);
  const moved = refresh.kind === 'none' ? null : deadlineOf(refreshes[refresh.kind] ?? []);
  return {
    refresh,
    judgesAge: judgesAge ?? false,
    created: (atMs, plannedMs) => stored(made, atMs, plannedMs),
    refreshed: (atMs, plannedMs) => stored(moved, atMs, plannedMs),
  };
}

/** The deadline that an operation leaves: that of the last command that sets one. */
function deadlineOf(operation: Operation): Deadline | null {
  return operation.findLast(({ deadline }) => deadline !== undefined)?.deadline ?? null;
}

function stored(deadline: Deadline | null, atMs: number, plannedMs: number): number {
  if (deadline === null) return plannedMs;
  switch (deadline.kind) {
    case 'sent':
      return plannedMs;
    case 'relative':
      return atMs + deadline.ttlMs(plannedMs - atMs);
    case 'never':
      return Number.POSITIVE_INFINITY;
    default:
      return deadline satisfies never;
  }
}
