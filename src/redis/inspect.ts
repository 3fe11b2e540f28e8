import type { Redis } from 'ioredis';
import { printRedisCli } from './connect.ts';
import { type Endpoint, printEndpoint } from './endpoint.ts';
import { infoNumber, keyspace, parseInfo } from './info.ts';
import { missingFlags, unionFlags } from './notify-flags.ts';
import { ServerUnusable } from './server-unusable.ts';

/** Settings that decide when keys go, and how it is told. */
const SETTINGS = [
  'hz',
  'dynamic-hz',
  'active-expire-effort',
  'maxmemory',
  'maxmemory-policy',
  'maxmemory-samples',
  'maxmemory-eviction-tenacity',
  'notify-keyspace-events',
  'lazyfree-lazy-expire',
  'lazyfree-lazy-eviction',
  'client-output-buffer-limit',
  'save',
  'appendonly',
  'io-threads',
] as const;

/** What a server is, has and can. */
export interface ServerFacts {
  engine: string;
  version: string;
  role: string;
  /** The settings that it has, of those that matter here. */
  settings: Record<string, string>;
  /** The hz in force, which dynamic-hz may have raised; `null` where INFO does not tell. */
  effectiveHz: number | null;
  notifyFlags: string;
  maxmemoryBytes: number;
  /** Connections that are not ours. */
  otherClients: number;
  foreignKeys: number;
  foreignExpires: number;
  supports: { pexpiretime: boolean; newEvent: boolean };
}

/** Commands that a run sends, each in a harmless form for ACL DRYRUN. */
const COMMANDS: readonly (readonly string[])[] = [
  ['SET', 'ttlscope:acl', '', 'PXAT', '1'],
  ['GET', 'ttlscope:acl'],
  ['GETEX', 'ttlscope:acl'],
  ['DEL', 'ttlscope:acl'],
  ['EXISTS', 'ttlscope:acl'],
  ['EXPIRE', 'ttlscope:acl', '1'],
  ['PEXPIRE', 'ttlscope:acl', '1'],
  ['PTTL', 'ttlscope:acl'],
  ['MULTI'],
  ['EXEC'],
  ['TIME'],
  ['PUBLISH', 'ttlscope:acl:fence', '0'],
  ['SUBSCRIBE', 'ttlscope:acl:fence', '__keyevent@0__:expired'],
];

/**
 * Asks the server what it is. Reads only.
 *
 * @throws {ServerUnusable} for a replica, a cluster node, a version before 6.2, or a user that may not do what a run does
 */
export async function inspect(redis: Redis, endpoint: Endpoint): Promise<ServerFacts> {
  const where = printEndpoint(endpoint);
  const refuse = (cause: string, remedy: string): never => {
    throw new ServerUnusable(`${where}: ${cause}`, remedy);
  };
  const allowed = async <T>(what: string, ask: Promise<T>): Promise<T> => {
    try {
      return await ask;
    } catch (error) {
      const { message } = error as Error;
      return refuse(
        `${what} is not allowed (${message})`,
        `let this user do it: ACL SETUSER ${endpoint.username ?? 'default'} +${what}`,
      );
    }
  };
  const info = parseInfo(await allowed('info', redis.info()));
  const [engine, version] = identify(info);
  const role = info.get('role') ?? 'master';
  if (role !== 'master') refuse('it is a replica, which sends no expired events', 'give the URL of its primary');
  if (info.get('cluster_enabled') === '1')
    refuse('it is a node of a cluster, which this version cannot measure', 'use a server with cluster-enabled no');
  if (info.get('loading') === '1') refuse('it is loading its data', 'wait until INFO says loading:0');
  const redisVersion = versionNumber(info.get('redis_version') ?? version);
  if (redisVersion < 6.02)
    refuse(`${engine} ${version} has no SET PXAT`, 'version 6.2 is the oldest that can be measured');
  const settings: Record<string, string> = {};
  for (const name of SETTINGS) {
    const [, value] = (await allowed('config|get', redis.config('GET', name))) as string[];
    if (value !== undefined) settings[name] = value;
  }
  if (redisVersion >= 7) await mayDoAll(redis, endpoint, refuse);
  const { keys, expires } = keyspace(info, endpoint.db);
  return {
    engine,
    version,
    role,
    settings,
    effectiveHz: infoNumber(info, 'hz'),
    notifyFlags: settings['notify-keyspace-events'] ?? '',
    maxmemoryBytes: Number(settings['maxmemory'] ?? 0),
    otherClients: await otherClients(redis),
    foreignKeys: keys,
    foreignExpires: expires,
    supports: { pexpiretime: redisVersion >= 7, newEvent: redisVersion >= 7 },
  };
}

/**
 * @param needed flags such as `Exe`
 * @throws {ServerUnusable} with the command to type, when the server does not send the events that a run needs
 */
export function requireNotifyFlags(facts: ServerFacts, needed: string, endpoint: Endpoint): void {
  const missing = missingFlags(facts.notifyFlags, needed);
  if (missing === '') return;
  throw new ServerUnusable(
    `${printEndpoint(endpoint)}: notify-keyspace-events is "${facts.notifyFlags}" and lacks ${[...missing].join(', ')}`,
    `type: ${printRedisCli(endpoint)} CONFIG SET notify-keyspace-events ${unionFlags(facts.notifyFlags, needed)}`,
  );
}

function identify(info: ReadonlyMap<string, string>): [string, string] {
  for (const engine of ['valkey', 'redict', 'dragonfly', 'keydb']) {
    const version = info.get(`${engine}_version`);
    if (version !== undefined) return [engine, version];
  }
  return [info.get('server_name') ?? 'redis', info.get('redis_version') ?? 'unknown'];
}

/** 7.0.15 as 7.00, 6.2.6 as 6.02. */
function versionNumber(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major + minor / 100;
}

async function mayDoAll(
  redis: Redis,
  { username }: Endpoint,
  refuse: (cause: string, remedy: string) => never,
): Promise<void> {
  const user = username ?? 'default';
  for (const command of COMMANDS) {
    let answer: unknown;
    try {
      answer = await redis.call('ACL', 'DRYRUN', user, ...command);
    } catch {
      return;
    }
    if (answer === 'OK') continue;
    const rule =
      command[0] === 'SUBSCRIBE' || command[0] === 'PUBLISH'
        ? '+publish +subscribe allchannels'
        : `+${command[0]!.toLowerCase()} ~ttlscope:*`;
    refuse(`${command[0]} is not allowed (${answer})`, `let this user do it: ACL SETUSER ${user} ${rule}`);
  }
}

async function otherClients(redis: Redis): Promise<number> {
  try {
    const list = (await redis.client('LIST')) as string;
    return list
      .trim()
      .split('\n')
      .filter((line) => !/ name=ttlscope/.test(line)).length;
  } catch {
    return 0;
  }
}
