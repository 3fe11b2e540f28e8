import { expiresInAll, infoNumber, keysInAll, keyspace } from './info.ts';

interface Told {
  /** Names in INFO, of which a server has at most one. */
  readonly info: readonly string[];
  /** INFO's unit in that of the name here. */
  readonly scale: number;
  readonly about: string;
}

const MS = 1e-3;
const PERCENT = 1e-2;
const field = (info: string | readonly string[], about: string, scale = 1): Told => ({
  info: [info].flat(),
  scale,
  about,
});

/**
 * What is kept of INFO, in base units: names as INFO has them, a unit at the end. Since when a server tells each:
 * expired_stale_perc, expired_time_cap_reached_count 4.0; expire_cycle_cpu_milliseconds 6.0; …_exceeded_time, evicted_clients
 * 7.0; pubsub_clients, client_output_buffer_limit_disconnections 7.4; expired_subkeys Redis 8, as expired_fields Valkey 9;
 * expired_keys_active not in Redis 8.0 or Valkey 9.1.
 */
const FIELDS = {
  usedMemoryBytes: field('used_memory', 'All that the allocator has given out'),
  usedMemoryDatasetBytes: field(
    'used_memory_dataset',
    'Without the overhead of tables and buffers; null where the server reckons more overhead than memory',
  ),
  maxmemoryBytes: field('maxmemory', '0: no limit'),
  memFragmentationRatio: field('mem_fragmentation_ratio', 'Resident memory to used memory'),
  allocatorFragRatio: field('allocator_frag_ratio', "Within the allocator's pages"),
  expiredKeys: field('expired_keys', 'Of all databases'),
  expiredKeysActive: field('expired_keys_active', 'Of these, by the cycle'),
  expiredSubkeys: field(['expired_subkeys', 'expired_fields'], 'Fields of hashes'),
  expiredStaleRatio: field('expired_stale_perc', 'Hit rate of the cycle, smoothed', PERCENT),
  expiredTimeCapReached: field('expired_time_cap_reached_count', 'Cycles that used up their time'),
  expireCycleCpuSeconds: field('expire_cycle_cpu_milliseconds', 'Time spent in the cycle', MS),
  evictedKeys: field('evicted_keys', 'Of all databases'),
  evictedClients: field('evicted_clients', 'Disconnected for maxmemory-clients'),
  totalEvictionExceededSeconds: field('total_eviction_exceeded_time', 'Used memory was above maxmemory', MS),
  currentEvictionExceededSeconds: field('current_eviction_exceeded_time', 'The same, of the excess that lasts', MS),
  usedCpuUserSeconds: field('used_cpu_user', 'All threads'),
  usedCpuSysSeconds: field('used_cpu_sys', 'All threads'),
  usedCpuUserMainThreadSeconds: field('used_cpu_user_main_thread', 'The thread that executes commands and the cycle'),
  usedCpuSysMainThreadSeconds: field('used_cpu_sys_main_thread', 'The same'),
  instantaneousOpsPerSecond: field('instantaneous_ops_per_sec', "The server's own mean over 1.6 s"),
  totalCommandsProcessed: field('total_commands_processed', 'Those of the harness included'),
  keyspaceHits: field('keyspace_hits', 'Reads that found their key'),
  keyspaceMisses: field('keyspace_misses', 'Reads that did not'),
  connectedClients: field('connected_clients', 'Those of the harness included'),
  pubsubClients: field('pubsub_clients', 'Clients that subscribe'),
  pubsubChannels: field('pubsub_channels', 'Channels subscribed to'),
  pubsubPatterns: field('pubsub_patterns', 'Patterns subscribed to'),
  memClientsNormalBytes: field('mem_clients_normal', 'Buffers of all clients, subscribers included'),
  clientRecentMaxOutputBufferBytes: field('client_recent_max_output_buffer', 'The largest of the last seconds'),
  clientOutputBufferLimitDisconnections: field(
    'client_output_buffer_limit_disconnections',
    'Clients cut for client-output-buffer-limit',
  ),
  lazyfreePendingObjects: field('lazyfree_pending_objects', 'Deleted, their memory not yet freed'),
  lazyfreedObjects: field('lazyfreed_objects', 'Freed by the lazyfree thread'),
} as const satisfies Record<string, Told>;

const OF_KEYS = {
  keys: "Of the run's database",
  expires: 'Of these, with a TTL; stale ones included',
  keysInAll: 'Of all databases',
  expiresInAll: 'Of these, with a TTL',
} as const;

export type ServerField = keyof typeof FIELDS | keyof typeof OF_KEYS;

const names = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

/** What each is, for schemas. */
export const SERVER_FIELDS: Readonly<Record<ServerField, string>> = {
  ...(Object.fromEntries(
    names.map((name) => [name, `${FIELDS[name].about} (${FIELDS[name].info.join(' or ')})`]),
  ) as Record<keyof typeof FIELDS, string>),
  ...OF_KEYS,
};

/** The fields that this server tells, of INFO's default sections; those that it lacks are not there at all. */
export function serverFields(info: ReadonlyMap<string, string>, db: number): Partial<Record<ServerField, number>> {
  const read: Partial<Record<ServerField, number>> = {
    ...keyspace(info, db),
    keysInAll: keysInAll(info),
    expiresInAll: expiresInAll(info),
  };
  for (const name of names) {
    const { info: fields, scale } = FIELDS[name];
    const told = fields.map((field) => infoNumber(info, field)).find((value) => value !== null);
    if (told !== undefined && told <= Number.MAX_SAFE_INTEGER) read[name] = told * scale;
  }
  return read;
}
