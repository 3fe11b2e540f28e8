import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseInfo } from '../../src/redis/info.ts';
import { SERVER_FIELDS, type ServerField, serverFields } from '../../src/redis/server-fields.ts';

const read = (fields: string): Partial<Record<ServerField, number>> =>
  serverFields(parseInfo(fields.trim().split(/\s+/).join('\r\n')), 0);

/** Each in what it tells of expiry, eviction and buffers. */
const REDIS_6_2 = `
  used_memory:1000 used_memory_dataset:600 maxmemory:0 mem_fragmentation_ratio:1.50 mem_clients_normal:17448
  expired_keys:7 expired_stale_perc:0.75 expired_time_cap_reached_count:2 expire_cycle_cpu_milliseconds:1500
  evicted_keys:0 used_cpu_user:1.25 used_cpu_sys:0.5 db0:keys=12,expires=7,avg_ttl=3 db3:keys=4,expires=2,avg_ttl=0`;
const REDIS_7_0 = `${REDIS_6_2} evicted_clients:0 total_eviction_exceeded_time:250 current_eviction_exceeded_time:0`;
const REDIS_8_0 = `${REDIS_7_0} expired_subkeys:9 pubsub_clients:1 client_output_buffer_limit_disconnections:3`;
const VALKEY_9_1 = `${REDIS_7_0} expired_fields:9 pubsub_clients:1 client_output_buffer_limit_disconnections:3`;

test('base units: ms to seconds, per cent to ratios', () => {
  const { expireCycleCpuSeconds, expiredStaleRatio, totalEvictionExceededSeconds } = read(REDIS_7_0);
  assert.is(expireCycleCpuSeconds, 1.5);
  assert.is(expiredStaleRatio, 0.0075);
  assert.is(totalEvictionExceededSeconds, 0.25);
});

test('what a version lacks is not there; what is zero is', () => {
  const old = read(REDIS_6_2);
  assert.is(old.evictedKeys, 0);
  for (const name of [
    'evictedClients',
    'totalEvictionExceededSeconds',
    'expiredSubkeys',
    'expiredKeysActive',
  ] as const) {
    assert.not.ok(name in old, name);
  }
  assert.is(read(REDIS_7_0).evictedClients, 0);
  assert.not.ok('clientOutputBufferLimitDisconnections' in read(REDIS_7_0));
  assert.is(read(REDIS_8_0).clientOutputBufferLimitDisconnections, 3);
  assert.is(read(`${REDIS_8_0} expired_keys_active:5`).expiredKeysActive, 5);
});

test('expired fields of hashes have one name here, whatever the server calls them', () => {
  assert.is(read(REDIS_8_0).expiredSubkeys, 9);
  assert.is(read(VALKEY_9_1).expiredSubkeys, 9);
});

test("keys of the run's database, and of all", () => {
  const { keys, expires, keysInAll, expiresInAll } = read(REDIS_6_2);
  assert.equal([keys, expires, keysInAll, expiresInAll], [12, 7, 16, 9]);
});

test('Redis 8 tells a dataset below zero as a number of 20 digits: none', () => {
  assert.not.ok('usedMemoryDatasetBytes' in read('used_memory_dataset:18446744073709549920'));
});

test('each field is described', () => {
  for (const about of Object.values(SERVER_FIELDS)) assert.ok(about.length > 5);
  for (const name of Object.keys(read(VALKEY_9_1))) assert.ok(name in SERVER_FIELDS, name);
});

test.run();
