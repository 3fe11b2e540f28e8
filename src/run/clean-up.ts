import type { Ledger } from '../ledger/ledger.ts';
import type { Plan } from '../load/plan.ts';
import type { WriteLane } from '../load/write-lane.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';
import type { Numbered, SharedKey } from '../stores/profile.ts';
import { render } from '../stores/render.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';

const WINDOW = 10_000;
/** Keys that are named for a time are looked for at so many of them. */
const TIME_STEP_MS = 1_000;

export interface CleanUpOptions {
  scenario: Scenario;
  plan: Plan;
  ledger: Ledger;
  keys: RunKeys;
  lane: WriteLane;
  clock: RunClock;
  /** Keys of canaries that may still be there. */
  canaryKeys: readonly string[];
}

/** Deletes by name what may still be there of a run: sessions, what their stores keep beside them, canaries. */
export async function cleanUp(options: CleanUpOptions): Promise<void> {
  const { lane } = options;
  for (const key of keysLeft(options)) {
    lane.send(['DEL', key], () => {});
    if (lane.inFlight >= WINDOW) await lane.drained(WINDOW / 2);
  }
  await lane.drained(1);
}

function* keysLeft(options: CleanUpOptions): Generator<string> {
  const { scenario, plan, ledger, keys, canaryKeys } = options;
  yield* canaryKeys;
  const companions = scenario.cohorts.map(({ store }) => storeProfile(store).companions);
  for (let row = 0; row < ledger.rows.count; row++) {
    const state = ledger.rows.state(row);
    if (state === 'planned') continue;
    const index = keys.indexOf(row);
    // Of several commands that make a session the last may have been refused; a rewrite may have gone unanswered.
    const mayBeThere =
      state === 'alive' ||
      state === 'lost' ||
      state === 'unknown' ||
      state === 'stale' ||
      state === 'refused' ||
      ledger.rows.isAmbiguous(row);
    if (mayBeThere) yield keys.session(index);
    for (const key of companions[plan.cohortOf(index)]!) {
      const companion = companionOf(key, index, plan, keys.prefix);
      if (companion) yield companion.name;
    }
  }
  for (const [cohort, of] of companions.entries()) for (const key of of) yield* sharedKeys(key, cohort, options);
}

/** The companion of a session or of its user that bears its number; `null` for one that is of neither. */
export function companionOf(
  key: Numbered | SharedKey,
  index: number,
  plan: Plan,
  prefix: string,
): { name: string; isUsers: boolean } | null {
  if (!('number' in key) || (key.number !== 'index' && key.number !== 'user')) return null;
  const isUsers = key.number === 'user';
  return { name: named(key, isUsers ? plan.userOf(index) : index, prefix), isUsers };
}

/** Those that are not of one session or user. */
export function* sharedKeys(
  key: Numbered | SharedKey,
  cohort: number,
  { plan, ledger, keys, clock }: Pick<CleanUpOptions, 'plan' | 'ledger' | 'keys' | 'clock'>,
): Generator<string> {
  if (!('number' in key)) {
    yield keys.prefix + key.text;
    return;
  }
  if (key.number === 'index' || key.number === 'user') return;
  let longestMs = 0;
  for (let row = 0; row < ledger.rows.count; row++) {
    if (ledger.rows.state(row) === 'planned' || ledger.rows.cohort[row] !== cohort) continue;
    longestMs = Math.max(longestMs, plan.ttlMs(keys.indexOf(row)));
  }
  const lastMs = clock.nowMs() + longestMs;
  const names = new Set<string>();
  for (let atMs = 0; atMs <= lastMs + TIME_STEP_MS; atMs += TIME_STEP_MS) {
    names.add(named(key, clock.epochMs + atMs, keys.prefix));
  }
  yield* names;
}

function named(key: Numbered, value: number, prefix: string): string {
  const numbers = { index: value, user: value, deadline: value, formerDeadline: value, ttl: value, now: value };
  return render([key], numbers, '', prefix)[0]!;
}
