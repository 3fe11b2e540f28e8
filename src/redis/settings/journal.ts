import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Endpoint } from '../endpoint.ts';
import { ServerUnusable } from '../server-unusable.ts';
import { isRunning, thisProcess } from './harness-process.ts';
import type { ServerIdentity } from './server-identity.ts';

const SUFFIX = '.json';
/** Of the start of a server, see `ServerIdentity`. */
const START_ERROR_MS = 1_000;

const change = z.object({
  setting: z.string(),
  /** By CONFIG GET, before it was set. */
  before: z.string(),
  asked: z.string(),
  /** Read back after it was set; `null`: it may not have been set yet. */
  now: z.string().nullable(),
});

const journalSchema = z.object({
  schema: z.literal('ttlscope.journal/1'),
  /** Of the run, as in the names of its keys. */
  run: z.string().regex(/^[\w-]+$/),
  /** `null`: the run has ended, and could not put them back. */
  harness: z.object({ pid: z.int(), startTicks: z.string().nullable() }).nullable(),
  server: z.object({
    endpoint: z.object({
      host: z.string(),
      port: z.int(),
      path: z.string().exactOptional(),
      tls: z.boolean(),
      username: z.string().exactOptional(),
    }),
    hasPassword: z.boolean(),
    /** The run_id of INFO, which changes at a restart; `null` where the server does not tell. */
    runId: z.string().nullable(),
    /** When it was asked for that, by its own clock. */
    atMs: z.number().nullable(),
  }),
  changes: z.array(change),
});

/** What a run changes on a server that is not ours, kept in a file from before the first change to after the last. */
export type Journal = z.infer<typeof journalSchema>;
/** A setting that was changed. */
export type Change = z.infer<typeof change>;

/** Where journals lie: `$XDG_STATE_HOME/ttlscope`, else `~/.local/state/ttlscope`. */
function stateDirectory(): string {
  return join(process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'ttlscope');
}

/** The file that a journal is kept in. */
export function journalPath({ run }: Journal): string {
  return join(stateDirectory(), `${run}${SUFFIX}`);
}

/** A journal of this process without changes; the password stays out of it. */
export function newJournal(run: string, endpoint: Endpoint, { runId, nowMs }: ServerIdentity): Journal {
  const { password, db, ...address } = endpoint;
  return {
    schema: 'ttlscope.journal/1',
    run,
    harness: thisProcess(),
    server: { endpoint: address, hasPassword: password !== undefined, runId, atMs: nowMs },
    changes: [],
  };
}

/**
 * Returns when the journal would survive a power cut: file and directory are synced, and a reader never sees half of it.
 *
 * @throws {ServerUnusable} when it cannot be written
 */
export async function writeJournal(journal: Journal): Promise<void> {
  const directory = stateDirectory();
  const path = journalPath(journal);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(journal, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    await syncDirectory(directory);
  } catch (error) {
    throw new ServerUnusable(
      `a setting is changed only once its value is kept in a file, and that cannot be written: ${(error as Error).message}`,
      'let XDG_STATE_HOME name a directory that can be written',
    );
  }
}

export async function removeJournal(journal: Journal): Promise<void> {
  await rm(journalPath(journal), { force: true });
  await rm(`${journalPath(journal)}.new`, { force: true });
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** All journals; of a file that is none, or cannot be read, what is wrong with it. */
export async function readJournals(): Promise<{ journals: Journal[]; unreadable: string[] }> {
  const journals: Journal[] = [];
  const unreadable: string[] = [];
  let names: string[] = [];
  try {
    names = (await readdir(stateDirectory())).filter((name) => name.endsWith(SUFFIX)).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') unreadable.push(message);
  }
  for (const name of names) {
    const path = join(stateDirectory(), name);
    try {
      journals.push(journalSchema.parse(JSON.parse(await readFile(path, 'utf8'))));
    } catch (error) {
      // A run that ended meanwhile has taken it away.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      unreadable.push(
        error instanceof z.ZodError || error instanceof SyntaxError ? `${path}: is no journal` : String(error),
      );
    }
  }
  return { journals, unreadable };
}

/** Whether the run that keeps it is still at work, so that it will put the settings back itself. */
export function isLive({ harness }: Journal): boolean {
  return harness !== null && isRunning(harness);
}

/** Keeps it for `ttlscope restore`: its run has ended, even if this process goes on. */
export async function abandonJournal(journal: Journal): Promise<void> {
  journal.harness = null;
  await writeJournal(journal);
}

/** The same server: by its run_id, whichever way it was reached, else by where it listens. */
export function isOf(journal: Journal, endpoint: Endpoint, identity: ServerIdentity): boolean {
  if (identity.runId !== null && journal.server.runId === identity.runId) return true;
  const { host, port, path } = journal.server.endpoint;
  const isThere =
    path === undefined
      ? endpoint.path === undefined && endpoint.host === host && endpoint.port === port
      : endpoint.path === path;
  return isThere && since(journal, identity) !== 'another';
}

/**
 * What the server that answers is to the one of the journal. Of two with different run_ids that which was up already when
 * the journal was begun is another one: behind a tunnel, say, that leads elsewhere now.
 */
export function since({ server }: Journal, { runId, startedMs }: ServerIdentity): 'the same' | 'restarted' | 'another' {
  if (runId === null || server.runId === null || runId === server.runId) return 'the same';
  const wasUp = startedMs !== null && server.atMs !== null && startedMs + START_ERROR_MS < server.atMs;
  return wasUp ? 'another' : 'restarted';
}
