import { OUTCOMES } from '../ledger/outcome.ts';

/** Labels that every series of a run carries. */
export const RUN_LABELS = ['run', 'scenario', 'policy'] as const;

export interface Definition {
  readonly name: string;
  /** A summary is of gauges that differ by their quantile; only there does Prometheus' linter take that label. */
  readonly type: 'gauge' | 'counter' | 'histogram' | 'summary';
  readonly help: string;
  /** Beside `RUN_LABELS`. */
  readonly labels: readonly string[];
}

const gauge = (help: string, ...labels: string[]) => ({ type: 'gauge', help, labels }) as const;
const counter = (help: string, ...labels: string[]) => ({ type: 'counter', help, labels }) as const;
const summary = (help: string, ...labels: string[]) => ({ type: 'summary', help, labels }) as const;
const histogram = (help: string, ...labels: string[]) => ({ type: 'histogram', help, labels }) as const;

/** Bounds of the histograms of delays of the instrument, seconds: a loopback answers in 50 µs, and half a cycle's period is too late. */
export const DELAY_BOUNDS_SECONDS = [
  0.000_05, 0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** The same for TTLs: from what is about to end anyway to the month of a remembered login. */
export const TTL_BOUNDS_SECONDS = [
  0.1, 1, 5, 15, 60, 300, 900, 1800, 3600, 14_400, 43_200, 86_400, 604_800, 2_592_000,
] as const;

export const LAG_QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

export const VERDICT_STATES = ['pending', 'valid', 'invalid', 'aborted'] as const;

const DEFINITIONS_BY_NAME = {
  sessions: gauge(
    'Sessions in memory: live, or past their deadline and unheard (stale); an altered one ends as lost',
    'cohort',
    'state',
  ),
  sessions_created_total: counter('Sessions attempted: creates and resurrections', 'cohort'),
  sessions_due_total: counter(
    'Sessions whose deadline has passed; one that was moved then after all, within the errors, stays counted',
    'cohort',
  ),
  session_outcomes_total: counter(`How sessions ended: ${OUTCOMES.join(', ')}`, 'cohort', 'outcome'),
  requests_total: counter('Commands of the load whose result is final', 'op', 'result'),
  requests_found_gone_total: counter(
    'Requests that were told that their session is gone, before its deadline or after it',
    'cohort',
    'deadline',
  ),

  expiry_lag_seconds: histogram(
    'Deadline to notification, of delivered events only: what has not arrived is not in it',
    'cohort',
    'cause',
  ),
  expiry_lag_quantile_seconds: summary(
    'Quantile of the expiry lag, the stale counted as censored (Aalen-Johansen); +Inf: not reached, NaN: none fell due',
    'quantile',
  ),
  cohort_expiry_lag_quantile_seconds: summary('The same of each cohort', 'cohort', 'quantile'),
  oldest_stale_seconds: gauge(
    'How long the stale session that has waited longest is past its deadline; 0: none is stale',
    'cohort',
  ),
  stale_bytes: gauge('Memory that stale sessions hold, estimated by MEMORY USAGE of sessions like them', 'cohort'),
  delivery_delay_seconds: histogram('PUBLISH at the server to its arrival at the observer, by fences'),

  evicted_remaining_ttl_seconds: histogram('TTL that was left to sessions evicted before their deadline', 'cohort'),
  evicted_overdue_seconds: histogram('Time since the deadline of sessions evicted when stale', 'cohort'),

  schedule_slip_seconds: histogram('How late a request was sent, from its intended time'),
  clock_error_seconds: gauge("Bound of the error of the server's clock as the harness knows it"),
  event_loop_delay_seconds: summary('How late timers fire in a thread of the harness', 'thread', 'quantile'),
  observer_gaps_total: counter('Times in which events may have been missed', 'node'),
  stale_check_sessions: gauge('Stale sessions at the last count, by the ledger and by the server', 'source'),
  run_verdict: gauge('1 for the state of the verdict; pending while the run lasts', 'state'),
  run_faults: gauge('Reasons so far for which the figures cannot be trusted'),
  threshold: gauge('Bound of a threshold: seconds, a count or a share', 'metric', 'expression'),
  threshold_value: gauge(
    'What is held against it, so far; absent: not reached, or nothing to measure',
    'metric',
    'expression',
  ),
  threshold_held: gauge('1: the threshold holds so far, 0: it does not', 'metric', 'expression'),
  run_info: gauge('1, with what the run is', 'version', 'engine', 'engine_version', 'node', 'hz', 'notify_flags'),
  run_phase: gauge('1 for the phase of the run', 'phase'),
  run_start_time_seconds: gauge('When the run began, Unix time'),

  redis_memory_used_bytes: gauge('used_memory', 'node'),
  redis_memory_dataset_bytes: gauge('used_memory_dataset', 'node'),
  redis_memory_max_bytes: gauge('maxmemory; 0: no limit', 'node'),
  redis_memory_fragmentation_ratio: gauge('mem_fragmentation_ratio', 'node'),
  redis_evicted_keys_total: counter('evicted_keys', 'node'),
  redis_eviction_exceeded_seconds_total: counter('total_eviction_exceeded_time', 'node'),
  redis_expired_keys_total: counter('expired_keys', 'node'),
  redis_expired_stale_ratio: gauge('expired_stale_perc, the hit rate of the expire cycle, smoothed', 'node'),
  redis_expire_cycle_cpu_seconds_total: counter('expire_cycle_cpu_milliseconds', 'node'),
  redis_expire_time_cap_reached_total: counter('expired_time_cap_reached_count', 'node'),
  redis_keys: gauge("Keys of the run's database", 'node'),
  redis_expiring_keys: gauge('Of these, keys with a TTL, stale ones included', 'node'),
  redis_keyspace_hits_total: counter('keyspace_hits', 'node'),
  redis_keyspace_misses_total: counter('keyspace_misses', 'node'),
  redis_commands_processed_total: counter('total_commands_processed, those of the harness included', 'node'),
  redis_ops_per_second: gauge('instantaneous_ops_per_sec', 'node'),
  redis_cpu_seconds_total: counter('used_cpu_user and used_cpu_sys, all threads', 'node', 'mode'),
  redis_connected_clients: gauge('connected_clients, those of the harness included', 'node'),
  redis_client_recent_max_output_buffer_bytes: gauge('client_recent_max_output_buffer', 'node'),
  redis_pubsub_output_buffer_limit_bytes: gauge(
    'Hard limit of client-output-buffer-limit for subscribers; 0: none',
    'node',
  ),
  redis_output_buffer_disconnections_total: counter('client_output_buffer_limit_disconnections', 'node'),
  redis_lazyfree_pending_objects: gauge('lazyfree_pending_objects', 'node'),
} as const satisfies Record<string, Omit<Definition, 'name'>>;

/** Without the prefix `ttlscope_`. */
export type MetricName = keyof typeof DEFINITIONS_BY_NAME;

/**
 * Every metric: name, type, help and labels. A field that the server does not tell, and a size that is not known, is
 * absent; every other label set is there from the start.
 */
export const DEFINITIONS = Object.fromEntries(
  Object.entries<Omit<Definition, 'name'>>(DEFINITIONS_BY_NAME).map(([name, definition]) => [
    name,
    { name: `ttlscope_${name}`, ...definition },
  ]),
) as Record<MetricName, Definition>;
