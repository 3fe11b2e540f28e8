import type { Redis } from 'ioredis';
import { ServerUnusable } from '../server-unusable.ts';
import { abandonJournal, type Change, type Journal, removeJournal, since } from './journal.ts';
import { readSetting } from './read-setting.ts';
import { isAsAsked } from './same-value.ts';
import { identify } from './server-identity.ts';

/** What has become of a setting that was changed. */
export type Fate =
  /** It was still as we had set it, was set back, and reads as before. */
  | 'put back'
  /** It read as before already. */
  | 'as before'
  /** Somebody else has set it meanwhile. */
  | 'changed by others'
  /** It reads as we had set it, but the server has been restarted since: its file says so. */
  | 'kept over a restart'
  /** The server does not take the value of before. */
  | 'refused';

export interface Restored extends Change {
  fate: Fate;
  /** What was read before it was touched; `null`: the server does not tell it any more. */
  found: string | null;
  /** Of `refused`: the server's words. */
  reason: string | null;
}

/**
 * Puts back what a journal says was changed, last change first, where it still is as it was set; reads each back. The
 * journal is removed; where a value was refused it is kept for `ttlscope restore`.
 *
 * @throws {ServerUnusable} when it is not the server of the journal, and the client's error when the connection is lost;
 *   the journal is then as it was
 */
export async function restoreSettings(redis: Redis, journal: Journal): Promise<Restored[]> {
  const server = since(journal, await identify(redis));
  if (server === 'another') {
    throw new ServerUnusable(
      'another server answers there, which was up before the run began',
      'name the right one: ttlscope restore --redis URL',
    );
  }
  const restored: Restored[] = [];
  for (const change of [...journal.changes].reverse())
    restored.push(await restore(redis, change, server === 'restarted'));
  if (restored.some(({ fate }) => fate === 'refused')) await abandonJournal(journal);
  else await removeJournal(journal);
  return restored.reverse();
}

async function restore(redis: Redis, change: Change, isRestarted: boolean): Promise<Restored> {
  const { setting, before } = change;
  const found = await readSetting(redis, setting);
  const outcome = (fate: Fate, reason: string | null = null): Restored => ({ ...change, fate, found, reason });
  if (found === before) return outcome('as before');
  if (found === null || !isOurs(change, found)) return outcome('changed by others');
  if (isRestarted) return outcome('kept over a restart');
  try {
    await redis.config('SET', setting, before);
  } catch (error) {
    if ((error as Error).name !== 'ReplyError') throw error;
    return outcome('refused', (error as Error).message);
  }
  const after = await readSetting(redis, setting);
  return after === before ? outcome('put back') : outcome('refused', `it became "${after}"`);
}

/** hz is the one setting of which another value than asked is taken, without a word: it is cut to 1..500. */
function isOurs({ setting, asked, now }: Change, found: string): boolean {
  if (now !== null) return found === now;
  const taken = setting === 'hz' ? String(Math.min(500, Math.max(1, Number(asked)))) : asked;
  return isAsAsked(setting, taken, found);
}
