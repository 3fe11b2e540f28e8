import type { Rule } from '../rule.ts';
import { aofFsync } from './aof-fsync.ts';
import { cluster } from './cluster.ts';
import { eviction } from './eviction.ts';
import { expiryLag } from './expiry-lag.ts';
import { fewVolatile } from './few-volatile.ts';
import { keysWithoutTtl } from './keys-without-ttl.ts';
import { knownBugs } from './known-bugs.ts';
import { lazyfree } from './lazyfree.ts';
import { noMaxmemory } from './no-maxmemory.ts';
import { nobodyListens } from './nobody-listens.ts';
import { notifyFlags } from './notify-flags.ts';
import { outputBuffer } from './output-buffer.ts';
import { persistence } from './persistence.ts';
import { refusals } from './refusals.ts';
import { replicas } from './replicas.ts';
import { scans } from './scans.ts';
import { slowSubscriber } from './slow-subscriber.ts';

/** In the order in which findings of one severity are told. */
export const RULES: readonly Rule[] = [
  replicas,
  notifyFlags,
  expiryLag,
  eviction,
  refusals,
  fewVolatile,
  noMaxmemory,
  keysWithoutTtl,
  outputBuffer,
  slowSubscriber,
  scans,
  persistence,
  aofFsync,
  lazyfree,
  cluster,
  nobodyListens,
  knownBugs,
];
