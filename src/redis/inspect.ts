import type { Redis } from 'ioredis';
import { explainFailure } from './connect-failure.ts';
import { type Endpoint, printEndpoint } from './endpoint.ts';
import { engineOf, isAtLeast } from './engine.ts';
import { expiresInAll, infoNumber, keysInAll, parseInfo } from './info.ts';
import { missingFlags, unionFlags } from './notify-flags.ts';
import { askPermissions, type ConfigPermissions, type Permissions } from './permissions.ts';
import { printAdminCli, printRedisCli } from './redis-cli.ts';
import { ServerUnusable } from './server-unusable.ts';
import { readSetting } from './settings/read-setting.ts';

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

const EVENTS = ['expired', 'evicted', 'new'] as const;

/** A command that a run needs beside those of every run: for which store, and which servers have it, if not all. */
export interface Needed {
  readonly args: readonly string[];
  readonly by: string;
  readonly servers: string | null;
}

/** What a server is, has and can. */
export interface ServerFacts {
  engine: string;
  version: string;
  role: string;
  /** The settings that it has, of those that matter here, as far as it tells. */
  settings: Record<string, string>;
  config: ConfigPermissions;
  /** The hz in force, which dynamic-hz may have raised; `null` where INFO does not tell. */
  effectiveHz: number | null;
  notifyFlags: string;
  /** 0: no limit. */
  maxmemoryBytes: number;
  /** Keys that are there already, in all its databases. */
  foreignKeys: number;
  /** Those of them with a TTL: its count of expired keys is of all of them. */
  foreignExpires: number;
  /**
   * How long after its deadline a key expires at the earliest, ms: commands find it past when the clock, in whole ms, is
   * greater; so does the cycle, but not that of Redis 8.0 (measured; 7.4 by its source), for which equal is enough.
   */
  leastLagMs: number;
  supports: { pexpiretime: boolean; newEvent: boolean };
}

/**
 * Asks the server what it is. Changes nothing.
 *
 * @param settings to be read beside those that matter in every run
 * @throws {ServerUnusable} for a user that may not do what a run does, a replica, a cluster node, a Sentinel, a version
 *   before 6.2, and a server that refuses commands
 */
export async function inspect(
  redis: Redis,
  endpoint: Endpoint,
  needed: readonly Needed[] = [],
  settings: readonly string[] = [],
): Promise<ServerFacts> {
  try {
    const commands = needed.map(({ args }) => args);
    const permissions = await askPermissions(endpoint, EVENTS, commands);
    requirePermissions(permissions, endpoint);
    const info = parseInfo(await redis.info());
    requireUsable(info, permissions, endpoint, needed);
    return await factsOf(redis, info, permissions, settings);
  } catch (error) {
    throw explainFailure(error, endpoint);
  }
}

/**
 * That the server does not send the events that a run needs, with the command to type.
 *
 * @param needed flags such as `Exe`, of which it lacks some
 */
export function flagsMissing(facts: ServerFacts, needed: string, endpoint: Endpoint): ServerUnusable {
  const { notifyFlags } = facts;
  const missing = missingFlags(notifyFlags, needed);
  const set = ['CONFIG', 'SET', 'notify-keyspace-events', unionFlags(notifyFlags, needed)];
  return new ServerUnusable(
    `${printEndpoint(endpoint)}: notify-keyspace-events is "${notifyFlags}" and lacks ${[...missing].join(', ')}`,
    `type: ${printRedisCli({ ...endpoint, db: 0 }, set)}\nor let it be set for the run, and put back, with --allow-config`,
  );
}

function requirePermissions({ lacking }: Permissions, endpoint: Endpoint): void {
  if (lacking.length === 0) return;
  const user = endpoint.username ?? 'default';
  throw new ServerUnusable(
    `${printEndpoint(endpoint)}: the user "${user}" may not do what a run does; its ACL lacks ${lacking.join(' ')}`,
    `as its administrator, type: ${printAdminCli({ ...endpoint, db: 0 }, ['ACL', 'SETUSER', user, ...lacking])}`,
  );
}

function requireUsable(
  info: ReadonlyMap<string, string>,
  { unknown, refused }: Permissions,
  endpoint: Endpoint,
  needed: readonly Needed[],
): void {
  const refuse = (cause: string, remedy: string): never => {
    throw new ServerUnusable(`${printEndpoint(endpoint)}: ${cause}`, remedy);
  };
  if (info.get('redis_mode') === 'sentinel') refuse('it is a Sentinel', 'give the URL of the primary that it watches');
  if (info.get('cluster_enabled') === '1') {
    refuse('it is a node of a cluster, which this version cannot measure', 'use a server with cluster-enabled no');
  }
  if (info.get('role') === 'slave') {
    const primary = `${info.get('master_host')}:${info.get('master_port')}`;
    refuse('it is a replica, which sends no expired events', `give the URL of its primary, which it calls ${primary}`);
  }
  if (!isAtLeast(info, 6, 2)) {
    const [engine, version] = engineOf(info);
    refuse(`${engine} ${version} has no SET PXAT`, 'use a server of version 6.2 or later');
  }
  const lacking = needed.find(({ args: [name], servers }) => servers !== null && unknown.includes(name!));
  if (lacking) {
    const [engine, version] = engineOf(info);
    refuse(
      `${engine} ${version} does not know ${lacking.args[0]}, which the store ${lacking.by} sends`,
      `use ${lacking.servers}, or another store`,
    );
  }
  const missing = unknown.filter((command) => command !== 'PEXPIRETIME');
  if (missing.length > 0) {
    refuse(`it does not know ${missing.join(', ')}`, 'use a server that does, and that has not renamed or disabled it');
  }
  const [first] = refused;
  if (first) refuse(`it refuses ${first.command}: ${first.error.message}`, 'see to what it says, then try again');
}

async function factsOf(
  redis: Redis,
  info: ReadonlyMap<string, string>,
  { unknown, config }: Permissions,
  further: readonly string[],
): Promise<ServerFacts> {
  const settings = config.get === null ? await readSettings(redis, [...SETTINGS, ...further]) : toldByInfo(info);
  const [engine, version] = engineOf(info);
  return {
    engine,
    version,
    role: info.get('role') ?? 'master',
    settings,
    config,
    effectiveHz: infoNumber(info, 'hz'),
    notifyFlags: settings['notify-keyspace-events'] ?? '',
    maxmemoryBytes: Number(settings.maxmemory ?? 0),
    foreignKeys: keysInAll(info),
    foreignExpires: expiresInAll(info),
    leastLagMs: engine === 'redis' && isAtLeast(info, 7, 4) ? 0 : 1,
    supports: { pexpiretime: !unknown.includes('PEXPIRETIME'), newEvent: isAtLeast(info, 7, 0) },
  };
}

async function readSettings(redis: Redis, names: readonly string[]): Promise<Record<string, string>> {
  const values = await Promise.all(names.map((name) => readSetting(redis, name)));
  return Object.fromEntries(names.flatMap((name, i) => (values[i] === null ? [] : [[name, values[i]!]])));
}

/** What a server that forbids CONFIG GET tells all the same. */
function toldByInfo(info: ReadonlyMap<string, string>): Record<string, string> {
  const fields = { hz: 'configured_hz', maxmemory: 'maxmemory', 'maxmemory-policy': 'maxmemory_policy' };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => (info.has(field) ? [[name, info.get(field)!]] : [])),
  );
}
