import type { Ledger } from '../ledger/ledger.ts';
import type { Plan } from '../load/plan.ts';
import type { WriteLane } from '../load/write-lane.ts';
import { infoNumber, parseInfo } from '../redis/info.ts';
import { type Reply, ReplyError } from '../redis/resp.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';
import { companionOf, sharedKeys } from './clean-up.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';

/** Asked of so many sessions of a cohort, evenly spread. */
const ASKED = 100;

export interface SessionsThere {
  scenario: Scenario;
  plan: Plan;
  ledger: Ledger;
  keys: RunKeys;
  lane: WriteLane;
  clock: RunClock;
}

/**
 * What a session of each cohort takes beside its payload, by MEMORY USAGE of sessions that are there: their own keys, and
 * their share of keys that several have, as of a hash whose fields they are. SAMPLES 0: nothing in a key is extrapolated.
 *
 * @returns mean bytes by cohort; `null` where the server does not tell
 */
export async function overheadOf(there: SessionsThere): Promise<(number | null)[]> {
  const { scenario, ledger } = there;
  const rowsOf = scenario.cohorts.map((): number[] => []);
  for (let row = 0; row < ledger.rows.count; row++) {
    if (ledger.rows.state(row) !== 'planned') rowsOf[ledger.rows.cohort[row]!]!.push(row);
  }
  const share = await sharesOf(there, rowsOf);
  const overheads: (number | null)[] = [];
  for (const [cohort, rows] of rowsOf.entries()) {
    const step = Math.max(1, rows.length / ASKED);
    const asked = Array.from({ length: Math.min(ASKED, rows.length) }, (_, i) => rows[Math.floor(i * step)]!);
    const told = await Promise.all(asked.map((row) => ownBytes(there, cohort, row, share)));
    const known = told.filter((bytes) => bytes !== null);
    overheads.push(known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes) / known.length);
  }
  return overheads;
}

/** What the server has allocated now, bytes; `null` where it does not tell. */
export function usedMemory(lane: WriteLane): Promise<number | null> {
  return ask(lane, ['INFO', 'memory'], (reply) => infoNumber(parseInfo(String(reply)), 'used_memory'));
}

interface Shares {
  /** Of each cohort, what a session has of the keys that all share. */
  ofAll: readonly number[];
  /** How many sessions a user has. */
  sessionsOf: ReadonlyMap<number, number>;
}

async function sharesOf(there: SessionsThere, rowsOf: readonly number[][]): Promise<Shares> {
  const { scenario, plan, keys, lane } = there;
  const sessionsOf = new Map<number, number>();
  for (const row of rowsOf.flat()) {
    const user = plan.userOf(keys.indexOf(row));
    sessionsOf.set(user, (sessionsOf.get(user) ?? 0) + 1);
  }
  const sharers = new Map<string, number>();
  const namesOf = scenario.cohorts.map(({ store }, cohort) => {
    const names = new Set(storeProfile(store).companions.flatMap((key) => [...sharedKeys(key, cohort, there)]));
    for (const name of names) sharers.set(name, (sharers.get(name) ?? 0) + rowsOf[cohort]!.length);
    return [...names];
  });
  const ofAll: number[] = [];
  for (const names of namesOf) {
    const shares = await Promise.all(
      names.map(async (name) => ((await usageOf(lane, name)) ?? 0) / sharers.get(name)!),
    );
    ofAll.push(shares.reduce((sum, bytes) => sum + bytes, 0));
  }
  return { ofAll, sessionsOf };
}

/** `null` for a session that is not there, and where the server does not tell. */
async function ownBytes(
  { scenario, plan, keys, lane }: SessionsThere,
  cohort: number,
  row: number,
  { ofAll, sessionsOf }: Shares,
): Promise<number | null> {
  const { companions, hash } = storeProfile(scenario.cohorts[cohort]!.store);
  const index = keys.indexOf(row);
  const beside = companions.map(async (key) => {
    const companion = companionOf(key, index, plan, keys.prefix);
    if (companion === null) return 0;
    return ((await usageOf(lane, companion.name)) ?? 0) / (companion.isUsers ? sessionsOf.get(plan.userOf(index))! : 1);
  });
  const main = hash ? null : await usageOf(lane, keys.session(index));
  const shared = ofAll[cohort]!;
  if (hash ? shared === 0 : main === null) return null;
  const bytes = (await Promise.all(beside)).reduce((sum, of) => sum + of, (main ?? 0) + shared);
  return bytes - plan.payloadBytes(index);
}

/** `null` where there is no such key too. */
function usageOf(lane: WriteLane, key: string): Promise<number | null> {
  return ask(lane, ['MEMORY', 'USAGE', key, 'SAMPLES', '0'], (reply) => (typeof reply === 'number' ? reply : null));
}

function ask(lane: WriteLane, args: readonly string[], reads: (reply: Reply) => number | null): Promise<number | null> {
  return new Promise((resolve) => {
    lane.send(args, (reply) => resolve(reply === undefined || reply instanceof ReplyError ? null : reads(reply)));
    lane.flush();
  });
}
