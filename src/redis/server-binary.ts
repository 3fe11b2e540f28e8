import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ServerUnusable } from './server-unusable.ts';

const NAMES = ['redis-server', 'valkey-server'] as const;

/**
 * The path of the server to run.
 *
 * @param binary a path, or a name on PATH. (Default: redis-server, else valkey-server, from PATH)
 * @throws {ServerUnusable} when there is none
 */
export function findServerBinary(binary?: string): string {
  if (binary === undefined) {
    for (const name of NAMES) {
      const path = onPath(name);
      if (path !== null) return path;
    }
    throw new ServerUnusable(
      `neither ${NAMES.join(' nor ')} is on PATH`,
      'install one (Debian: apt-get install redis-server), name one with --redis-server, or use a server with --redis',
    );
  }
  const path = binary.includes('/') ? binary : onPath(binary);
  if (path !== null && isProgram(path)) return path;
  throw new ServerUnusable(
    path === null ? `${binary} is not on PATH` : `${binary} is not a program that can be run`,
    'name a redis-server or valkey-server with --redis-server, or leave it out: one from PATH is used then',
  );
}

/** The path of a program on PATH; `null` where there is none. */
export function onPath(name: string): string | null {
  const directories = (process.env.PATH ?? '').split(delimiter);
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
