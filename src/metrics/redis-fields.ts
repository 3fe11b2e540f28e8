import type { ServerField } from '../redis/server-fields.ts';
import type { MetricName } from './definitions.ts';

/** A field of the server's INFO, and what tells it from the others of its metric. */
export interface FieldOf {
  readonly field: ServerField;
  readonly labels: Readonly<Record<string, string>>;
}

type RedisMetric = Exclude<Extract<MetricName, `redis_${string}`>, 'redis_pubsub_output_buffer_limit_bytes'>;

const of = (field: ServerField, labels: FieldOf['labels'] = {}): FieldOf => ({ field, labels });

/** Which fields the metrics of the server tell. */
export const REDIS_FIELDS: Readonly<Record<RedisMetric, readonly FieldOf[]>> = {
  redis_memory_used_bytes: [of('usedMemoryBytes')],
  redis_memory_dataset_bytes: [of('usedMemoryDatasetBytes')],
  redis_memory_max_bytes: [of('maxmemoryBytes')],
  redis_memory_fragmentation_ratio: [of('memFragmentationRatio')],
  redis_evicted_keys_total: [of('evictedKeys')],
  redis_eviction_exceeded_seconds_total: [of('totalEvictionExceededSeconds')],
  redis_expired_keys_total: [of('expiredKeys')],
  redis_expired_stale_ratio: [of('expiredStaleRatio')],
  redis_expire_cycle_cpu_seconds_total: [of('expireCycleCpuSeconds')],
  redis_expire_time_cap_reached_total: [of('expiredTimeCapReached')],
  redis_keys: [of('keys')],
  redis_expiring_keys: [of('expires')],
  redis_keyspace_hits_total: [of('keyspaceHits')],
  redis_keyspace_misses_total: [of('keyspaceMisses')],
  redis_commands_processed_total: [of('totalCommandsProcessed')],
  redis_ops_per_second: [of('instantaneousOpsPerSecond')],
  redis_cpu_seconds_total: [of('usedCpuUserSeconds', { mode: 'user' }), of('usedCpuSysSeconds', { mode: 'system' })],
  redis_connected_clients: [of('connectedClients')],
  redis_client_recent_max_output_buffer_bytes: [of('clientRecentMaxOutputBufferBytes')],
  redis_output_buffer_disconnections_total: [of('clientOutputBufferLimitDisconnections')],
  redis_lazyfree_pending_objects: [of('lazyfreePendingObjects')],
};

export const REDIS_METRICS = Object.keys(REDIS_FIELDS) as RedisMetric[];

export function isRedisMetric(name: MetricName): name is RedisMetric {
  return name in REDIS_FIELDS;
}
