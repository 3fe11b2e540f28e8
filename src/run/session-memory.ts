import type { Ledger } from '../ledger/ledger.ts';
import type { Plan } from '../load/plan.ts';
import type { WriteLane } from '../load/write-lane.ts';
import { infoNumber, parseInfo } from '../redis/info.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { storeProfile } from '../stores/index.ts';
import { companionOf, sharedKeys } from './clean-up.ts';
import type { RunClock } from './run-clock.ts';
import type { RunKeys } from './run-keys.ts';

const WINDOW = 10_000;

export interface SessionsThere {
  scenario: Scenario;
  plan: Plan;
  ledger: Ledger;
  keys: RunKeys;
  lane: WriteLane;
  clock: RunClock;
}

export interface SessionMemory {
  /**
   * Of a session of each cohort on average, by MEMORY USAGE with its payload taken off: its own keys, and its share of
   * keys that several have, a hash of fields for example; `null` where the server does not tell, or none is there.
   */
  cohorts: ({ bytes: number; ownKeys: number } | null)[];
  /** What a key takes beyond its MEMORY USAGE: the rest of its places in the server's tables; `null`: not told. */
  leftOutBytes: number | null;
}

/** Bytes of the keys that are there, by name. */
type Usage = ReadonlyMap<string, number>;

/**
 * What sessions take that are there, by MEMORY USAGE of every second one, and what the deletion of these frees beyond that:
 * of no more, so that the server's tables do not shrink meanwhile. SAMPLES 0: nothing in a key is extrapolated.
 */
export async function measureSessions(there: SessionsThere): Promise<SessionMemory> {
  const { scenario, plan, ledger, keys, lane } = there;
  const sessionsOf = scenario.cohorts.map((): number[] => []);
  for (let row = 0; row < ledger.rows.count; row++) {
    if (ledger.rows.state(row) !== 'planned') sessionsOf[ledger.rows.cohort[row]!]!.push(keys.indexOf(row));
  }
  const shareOf = await sharesOf(there, sessionsOf);
  const asked = sessionsOf.map((sessions) =>
    sessions.filter((_, i) => i % 2 === 0).map((index) => ({ index, names: ownNames(there, index) })),
  );
  const usage = await usageOf(
    lane,
    asked.flat().flatMap(({ names }) => names),
  );
  const cohorts = asked.map((sessions, cohort) => {
    const isField = storeProfile(scenario.cohorts[cohort]!.store).hash !== undefined;
    let [told, bytes, ownKeys] = [0, 0, 0];
    for (const { index, names } of sessions) {
      const shared = shareOf(cohort, index);
      if (isField ? shared === 0 : !usage.has(keys.session(index))) continue;
      const own = names.flatMap((name) => usage.get(name) ?? []);
      told++;
      bytes += own.reduce((sum, of) => sum + of, shared - plan.payloadBytes(index));
      ownKeys += own.length;
    }
    return told === 0 ? null : { bytes: bytes / told, ownKeys: ownKeys / told };
  });
  return { cohorts, leftOutBytes: await leftOut(lane, usage) };
}

function ownNames({ scenario, plan, keys }: SessionsThere, index: number): string[] {
  const { companions } = storeProfile(scenario.cohorts[plan.cohortOf(index)]!.store);
  const beside = companions.flatMap((key) => companionOf(key, index, plan, keys.prefix) ?? []);
  return [keys.session(index), ...beside.flatMap(({ name, isUsers }) => (isUsers ? [] : name))];
}

/** A session's share of the keys of its user and of those that all share, bytes. */
async function sharesOf(
  there: SessionsThere,
  sessionsOf: readonly number[][],
): Promise<(cohort: number, index: number) => number> {
  const { scenario, plan, keys, lane } = there;
  const companionsOf = scenario.cohorts.map(({ store }) => storeProfile(store).companions);
  const ofUser = (cohort: number, index: number): string[] =>
    companionsOf[cohort]!.flatMap((key) => {
      const companion = companionOf(key, index, plan, keys.prefix);
      return companion?.isUsers ? companion.name : [];
    });
  const ofAll = companionsOf.map((companions, cohort) => [
    ...new Set(companions.flatMap((key) => [...sharedKeys(key, cohort, there)])),
  ]);
  const sharers = new Map<string, number>();
  const count = (name: string, sessions: number): void => {
    sharers.set(name, (sharers.get(name) ?? 0) + sessions);
  };
  for (const [cohort, sessions] of sessionsOf.entries()) {
    for (const name of ofAll[cohort]!) count(name, sessions.length);
    for (const index of sessions) for (const name of ofUser(cohort, index)) count(name, 1);
  }
  const usage = await usageOf(lane, [...sharers.keys()]);
  const shareOf = (names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (usage.get(name) ?? 0) / sharers.get(name)!, 0);
  const sharedByAll = ofAll.map(shareOf);
  return (cohort, index) => sharedByAll[cohort]! + shareOf(ofUser(cohort, index));
}

/** Deletes the keys. @returns what that frees beyond their MEMORY USAGE, a key; `null` where the server does not tell */
async function leftOut(lane: WriteLane, usage: Usage): Promise<number | null> {
  const before = await usedMemory(lane);
  await sendEach(lane, [...usage.keys()], (name) => ['DEL', name]);
  const after = await usedMemory(lane);
  if (before === null || after === null || usage.size === 0) return null;
  const told = [...usage.values()].reduce((sum, bytes) => sum + bytes, 0);
  return (before - after - told) / usage.size;
}

async function usageOf(lane: WriteLane, names: readonly string[]): Promise<Usage> {
  const usage = new Map<string, number>();
  await sendEach(
    lane,
    names,
    (name) => ['MEMORY', 'USAGE', name, 'SAMPLES', '0'],
    (name, reply) => {
      if (typeof reply === 'number') usage.set(name, reply);
    },
  );
  return usage;
}

async function usedMemory(lane: WriteLane): Promise<number | null> {
  let bytes: number | null = null;
  await sendEach(
    lane,
    ['memory'],
    (section) => ['INFO', section],
    (_, reply) => {
      if (Buffer.isBuffer(reply)) bytes = infoNumber(parseInfo(reply.toString()), 'used_memory');
    },
  );
  return bytes;
}

/** Sends a command for each name, many at a time. Returns when all are answered, or the connection is lost. */
async function sendEach(
  lane: WriteLane,
  names: readonly string[],
  command: (name: string) => readonly string[],
  onReply: (name: string, reply: unknown) => void = () => {},
): Promise<void> {
  for (const name of names) {
    lane.send(command(name), (reply) => onReply(name, reply));
    if (lane.inFlight >= WINDOW) await lane.drained(WINDOW / 2);
  }
  await lane.drained(1);
}
