import { connect } from '../redis/connect.ts';
import { type Endpoint, parseEndpoint, printEndpoint } from '../redis/endpoint.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { isLive, isOf, type Journal, journalPath, readJournals } from '../redis/settings/journal.ts';
import { type Restored, restoreSettings } from '../redis/settings/restore-settings.ts';
import { identify } from '../redis/settings/server-identity.ts';
import { EXIT } from './exit-codes.ts';
import { tell } from './tell.ts';

export interface RestoreCommandOptions {
  redis?: string;
}

/** `ttlscope restore`: puts back the settings that killed runs have left changed. Returns the exit code. */
export async function restoreCommand({ redis }: RestoreCommandOptions): Promise<number> {
  try {
    const given = redis === undefined ? null : parseEndpoint(redis);
    const { journals, unreadable } = await readJournals();
    for (const line of unreadable) process.stderr.write(`${line}\n`);
    const chosen = given === null ? journals : await ofServer(journals, given);
    if (chosen.length === 0) process.stdout.write('no run has left settings changed\n');
    let isMended = unreadable.length === 0;
    for (const journal of chosen) isMended = (await mend(journal, given)) && isMended;
    return isMended ? EXIT.good : EXIT.serverUnusable;
  } catch (error) {
    return tell(error, new AbortController().signal);
  }
}

async function ofServer(journals: readonly Journal[], endpoint: Endpoint): Promise<Journal[]> {
  const redis = await connect(endpoint, { name: 'ttlscope' });
  try {
    const identity = await identify(redis);
    return journals.filter((journal) => isOf(journal, endpoint, identity));
  } finally {
    redis.disconnect();
  }
}

/** Returns whether nothing is left to mend of this journal. */
async function mend(journal: Journal, given: Endpoint | null): Promise<boolean> {
  const { endpoint: address, hasPassword } = journal.server;
  const endpoint: Endpoint = given ?? { ...address, db: 0 };
  const where = printEndpoint(endpoint);
  if (isLive(journal)) {
    process.stderr.write(`${where}: its run (pid ${journal.harness?.pid}) is at work, and puts them back itself\n`);
    return false;
  }
  if (given === null && hasPassword) {
    process.stderr.write(`${where}: it asks for a password, which is not kept: ttlscope restore --redis URL\n`);
    return false;
  }
  try {
    const redis = await connect(endpoint, { name: 'ttlscope' });
    try {
      const restored = await restoreSettings(redis, journal);
      if (restored.length === 0) process.stdout.write(`${where}: the run had changed nothing yet\n`);
      for (const setting of restored) process.stdout.write(`${where}: ${describe(setting)}\n`);
      return restored.every(({ fate }) => fate !== 'refused');
    } finally {
      redis.disconnect();
    }
  } catch (error) {
    const remedy = error instanceof ServerUnusable ? error.remedy : 'try again';
    process.stderr.write(`not put back: ${(error as Error).message}\n${remedy}\n`);
    process.stderr.write(`if that server is gone for good, delete ${journalPath(journal)}\n`);
    return false;
  }
}

function describe({ setting, before, now, asked, found, fate, reason }: Restored): string {
  switch (fate) {
    case 'put back':
      return `${setting} put back to "${before}" (it was "${found}")`;
    case 'as before':
      return `${setting} is "${before}", as before`;
    case 'changed by others':
      return `${setting} left at "${found}": somebody else has set it since (the run set "${now ?? asked}"; before: "${before}")`;
    case 'kept over a restart':
      return `${setting} left at "${found}": the server has been restarted with it (before the run: "${before}")`;
    case 'refused':
      return `${setting} could not be put back to "${before}": ${reason}`;
  }
  fate satisfies never;
}
