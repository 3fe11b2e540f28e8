import type { Redis } from 'ioredis';
import { type Endpoint, printEndpoint } from '../endpoint.ts';
import { ServerUnusable } from '../server-unusable.ts';
import {
  abandonJournal,
  isLive,
  isOf,
  type Journal,
  newJournal,
  readJournals,
  removeJournal,
  writeJournal,
} from './journal.ts';
import { readSetting } from './read-setting.ts';
import { restoreSettings } from './restore-settings.ts';
import { identify } from './server-identity.ts';

/**
 * Sets all that is asked by CONFIG SET, or nothing. The values of before are in a journal first, which also keeps
 * another run from changing this server; `restoreSettings` puts them back.
 *
 * @param asked settings by name, as in redis.conf
 * @param run the run's name, for the journal's file
 * @returns the journal; it has what was read back of each
 * @throws {ServerUnusable} when another run has changed settings there, when the journal cannot be written, and with the
 *   server's own words for a setting that it refuses: those set before are as they were then
 */
export async function applySettings(
  redis: Redis,
  endpoint: Endpoint,
  asked: Readonly<Record<string, string>>,
  run: string,
): Promise<Journal> {
  const journal = await claim(redis, endpoint, run);
  try {
    for (const [setting, value] of Object.entries(asked)) {
      const before = await readSetting(redis, setting);
      if (before === null) {
        throw refusal(endpoint, setting, value, 'it has no setting of that name', 'correct its name');
      }
      journal.changes.push({ setting, before, asked: value, now: null });
    }
    await writeJournal(journal);
    for (const change of journal.changes) {
      await set(redis, endpoint, change.setting, change.asked);
      change.now = await readSetting(redis, change.setting);
      await writeJournal(journal);
    }
    return journal;
  } catch (error) {
    if (!(await isRestored(redis, journal))) {
      throw new ServerUnusable(
        `${printEndpoint(endpoint)}: ${(error as Error).message}; its settings could not be put back`,
        'once it is there: ttlscope restore',
      );
    }
    throw error;
  }
}

async function isRestored(redis: Redis, journal: Journal): Promise<boolean> {
  try {
    return (await restoreSettings(redis, journal)).every(({ fate }) => fate !== 'refused');
  } catch {
    await abandonJournal(journal).catch(() => {});
    return false;
  }
}

/**
 * An empty journal of a server of which no other journal is. It is written before the others are looked for: of two
 * runs that begin at once both may be refused, but never both go on.
 */
async function claim(redis: Redis, endpoint: Endpoint, run: string): Promise<Journal> {
  const identity = await identify(redis);
  const journal = newJournal(run, endpoint, identity);
  await writeJournal(journal);
  const { journals } = await readJournals();
  const other = journals.find((other) => other.run !== run && isOf(other, endpoint, identity));
  if (!other) return journal;
  await removeJournal(journal);
  const where = printEndpoint(endpoint);
  throw isLive(other)
    ? new ServerUnusable(
        `${where}: another run (pid ${other.harness?.pid}) has changed its settings`,
        'wait until that run has ended',
      )
    : new ServerUnusable(
        `${where}: its settings are still those of a run that ended without putting them back`,
        'put them back first: ttlscope restore',
      );
}

async function set(redis: Redis, endpoint: Endpoint, setting: string, value: string): Promise<void> {
  try {
    await redis.config('SET', setting, value === '""' ? '' : value);
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'ReplyError') throw error;
    const remedy = /immutable/.test(message)
      ? 'it can be set when a server starts only: write it into its redis.conf and restart it, or leave --redis out'
      : 'correct it under `server` in the scenario, or in --server; if a service sets it in its console only, set it there, and run it with --no-config';
    throw refusal(endpoint, setting, value, message, remedy);
  }
}

function refusal(endpoint: Endpoint, setting: string, value: string, words: string, remedy: string): ServerUnusable {
  return new ServerUnusable(`server.${setting}: ${printEndpoint(endpoint)} refuses "${value}": ${words}`, remedy);
}
