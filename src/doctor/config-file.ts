import { readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import type { Endpoint } from '../redis/endpoint.ts';
import { infoNumber } from '../redis/info.ts';

/** The file that a server was started with, as far as it can be seen from here. */
export type ConfigFile =
  | { state: 'none' }
  | { state: 'elsewhere'; path: string; reason: string }
  | {
      state: 'read';
      path: string;
      /** The value of a setting there, the last of several, in lower case names; `include`d files are not followed. */
      settings: ReadonlyMap<string, string>;
      /** Whether it includes other files. */
      includes: boolean;
      /** Whether CONFIG REWRITE can replace it, which takes a new file in its directory; `null`: cannot be told. */
      isRewritable: boolean | null;
    };

/**
 * Looks at the configuration file of a server that runs on this machine: that it does is seen by its process, whose title has
 * its port, so that a container's file is not taken for one of the same path here.
 */
export async function readConfigFile(endpoint: Endpoint, info: ReadonlyMap<string, string>): Promise<ConfigFile> {
  const path = info.get('config_file') ?? '';
  if (path === '') return { state: 'none' };
  const pid = infoNumber(info, 'process_id');
  if (!isLoopback(endpoint) || pid === null || !(await isProcessOf(pid, info.get('tcp_port') ?? ''))) {
    return { state: 'elsewhere', path, reason: 'the server does not run on this machine, or not where it can be seen' };
  }
  try {
    const text = await readFile(path, 'utf8');
    return { state: 'read', path, ...parse(text), isRewritable: await mayWriteIn(dirname(path), pid) };
  } catch (error) {
    return { state: 'elsewhere', path, reason: (error as Error).message };
  }
}

function parse(text: string): { settings: ReadonlyMap<string, string>; includes: boolean } {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value = ''] = /^\s*([^\s#]+)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value.replace(/^(["'])(.*)\1$/, '$2')] as const];
  });
  return { settings: new Map(lines), includes: lines.some(([name]) => name === 'include') };
}

function isLoopback({ host, path }: Endpoint): boolean {
  return path !== undefined || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** By the title that servers give themselves: `redis-server 127.0.0.1:6379`. Linux only. */
async function isProcessOf(pid: number, port: string): Promise<boolean> {
  try {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return new RegExp(`:${port}(?:\\D|$)`).test(title);
  } catch {
    return false;
  }
}

/** Whether the user of a process may make files in a directory, by owner and others; groups are not looked at. */
async function mayWriteIn(directory: string, pid: number): Promise<boolean | null> {
  const OWNER_WRITES = 0o200;
  const GROUP_WRITES = 0o020;
  const OTHERS_WRITE = 0o002;
  const [place, process] = await Promise.all([stat(directory), stat(`/proc/${pid}`)]);
  if (process.uid === 0 || (place.mode & OTHERS_WRITE) !== 0) return true;
  if (place.uid === process.uid) return (place.mode & OWNER_WRITES) !== 0;
  return (place.mode & GROUP_WRITES) === 0 ? false : null;
}
