import { expiresInAll, infoNumber, keysInAll, keyspace } from './info.ts';

interface Told {
  /** Names in INFO, of which a server has at most one. */
  readonly info: readonly string[];
  /** INFO's unit in that of the name here. (Default: 1) */
  readonly scale?: number;
  /** It counts from the server's start or CONFIG RESETSTAT. (Default: it is a reading of the moment) */
  readonly counts?: true;
  readonly about: string;
}

const MS = 1e-3;
const PERCENT = 1e-2;
const count = (info: string | readonly string[], about: string): Told => ({ info: [info].flat(), counts: true, about });
const reading = (info: string, about: string): Told => ({ info: [info], about });

/**
 * What is kept of INFO, in base units: names as INFO has them, a unit at the end. Since when a server tells each:
 * expired_stale_perc, expired_time_cap_reached_count 4.0; expire_cycle_cpu_milliseconds 6.0; …_exceeded_time, evicted_clients
 * 7.0; pubsub_clients, client_output_buffer_limit_disconnections 7.4; expired_subkeys Redis 8, as expired_fields Valkey 9;
 * expired_keys_active not in Redis 8.0 or Valkey 9.1.
 */
const FIELDS = {
  usedMemoryBytes: reading('used_memory', 'All that the allocator has given out'),
  usedMemoryDatasetBytes: reading(
    'used_memory_dataset',
    'Without the overhead of tables and buffers; null where the server reckons more overhead than memory',
  ),
  maxmemoryBytes: reading('maxmemory', '0: no limit'),
  memFragmentationRatio: reading('mem_fragmentation_ratio', 'Resident memory to used memory'),
  allocatorFragRatio: reading('allocator_frag_ratio', "Within the allocator's pages"),
  expiredKeys: count('expired_keys', 'Of all databases'),
  expiredKeysActive: count('expired_keys_active', 'Of these, by the cycle'),
  expiredSubkeys: count(['expired_subkeys', 'expired_fields'], 'Fields of hashes'),
  expiredStaleRatio: { info: ['expired_stale_perc'], scale: PERCENT, about: 'Hit rate of the cycle, smoothed' },
  expiredTimeCapReached: count('expired_time_cap_reached_count', 'Cycles that used up their time'),
  expireCycleCpuSeconds: { ...count('expire_cycle_cpu_milliseconds', 'Time spent in the cycle'), scale: MS },
  evictedKeys: count('evicted_keys', 'Of all databases'),
  evictedClients: count('evicted_clients', 'Disconnected for maxmemory-clients'),
  totalEvictionExceededSeconds: {
    ...count('total_eviction_exceeded_time', 'Used memory was above maxmemory'),
    scale: MS,
  },
  currentEvictionExceededSeconds: {
    ...reading('current_eviction_exceeded_time', 'The same, of the excess that lasts'),
    scale: MS,
  },
  usedCpuUserSeconds: count('used_cpu_user', 'All threads'),
  usedCpuSysSeconds: count('used_cpu_sys', 'All threads'),
  usedCpuUserMainThreadSeconds: count('used_cpu_user_main_thread', 'The thread that executes commands and the cycle'),
  usedCpuSysMainThreadSeconds: count('used_cpu_sys_main_thread', 'The same'),
  instantaneousOpsPerSecond: reading('instantaneous_ops_per_sec', "The server's own mean over 1.6 s"),
  totalCommandsProcessed: count('total_commands_processed', 'Those of the harness included'),
  keyspaceHits: count('keyspace_hits', 'Reads that found their key'),
  keyspaceMisses: count('keyspace_misses', 'Reads that did not'),
  connectedClients: reading('connected_clients', 'The harness has four of them'),
  pubsubClients: reading('pubsub_clients', 'Clients that subscribe'),
  pubsubChannels: reading('pubsub_channels', 'Channels subscribed to'),
  pubsubPatterns: reading('pubsub_patterns', 'Patterns subscribed to'),
  memClientsNormalBytes: reading('mem_clients_normal', 'Buffers of all clients, subscribers included'),
  clientRecentMaxOutputBufferBytes: reading('client_recent_max_output_buffer', 'The largest of the last seconds'),
  clientOutputBufferLimitDisconnections: count(
    'client_output_buffer_limit_disconnections',
    'Clients cut for client-output-buffer-limit',
  ),
  lazyfreePendingObjects: reading('lazyfree_pending_objects', 'Deleted, their memory not yet freed'),
  lazyfreedObjects: count('lazyfreed_objects', 'Freed by the lazyfree thread'),
} as const satisfies Record<string, Told>;

const OF_KEYS = {
  keys: "Of the run's database",
  expires: 'Of these, with a TTL; stale ones included',
  keysInAll: 'Of all databases',
  expiresInAll: 'Of these, with a TTL',
} as const;

export type ServerField = keyof typeof FIELDS | keyof typeof OF_KEYS;

const TOLD = FIELDS as Readonly<Record<keyof typeof FIELDS, Told>>;
const names = Object.keys(TOLD) as (keyof typeof FIELDS)[];

/** What each is, for schemas. */
export const SERVER_FIELDS: Readonly<Record<ServerField, string>> = {
  ...(Object.fromEntries(
    names.map((name) => [name, `${TOLD[name].about} (${TOLD[name].info.join(' or ')})`]),
  ) as Record<keyof typeof FIELDS, string>),
  ...OF_KEYS,
};

/** Names of those that only count up, until CONFIG RESETSTAT. */
export type ServerCount = {
  [Name in keyof typeof FIELDS]: (typeof FIELDS)[Name] extends { counts: true } ? Name : never;
}[keyof typeof FIELDS];

/** The fields that this server tells, of INFO's default sections; those that it lacks are not there at all. */
export function serverFields(info: ReadonlyMap<string, string>, db: number): Partial<Record<ServerField, number>> {
  const read: Partial<Record<ServerField, number>> = {
    ...keyspace(info, db),
    keysInAll: keysInAll(info),
    expiresInAll: expiresInAll(info),
  };
  for (const name of names) {
    const { info: fields, scale = 1 } = TOLD[name];
    const told = fields.map((field) => infoNumber(info, field)).find((value) => value !== null);
    if (told !== undefined && told <= Number.MAX_SAFE_INTEGER) read[name] = told * scale;
  }
  return read;
}
