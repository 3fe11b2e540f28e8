import type { Rule } from '../rule.ts';
import { burst } from './burst.ts';
import { cluster } from './cluster.ts';
import { cycleOutOfTime } from './cycle-out-of-time.ts';
import { evictions } from './evictions.ts';
import { expiryLag } from './expiry-lag.ts';
import { failingWritesToDisk } from './failing-writes-to-disk.ts';
import { flagsAtRestart } from './flags-at-restart.ts';
import { keysWithoutTtl } from './keys-without-ttl.ts';
import { knownBugs } from './known-bugs.ts';
import { lazyfree } from './lazyfree.ts';
import { listeners } from './listeners.ts';
import { nearlyFull } from './nearly-full.ts';
import { noMaxmemory } from './no-maxmemory.ts';
import { notifyFlags } from './notify-flags.ts';
import { persistence } from './persistence.ts';
import { refusedWrites } from './refused-writes.ts';
import { replication } from './replication.ts';
import { scanningClients } from './scanning-clients.ts';
import { slowAof } from './slow-aof.ts';
import { slowSubscriber } from './slow-subscriber.ts';
import { volatilePolicy } from './volatile-policy.ts';

export const RULES: readonly Rule[] = [
  notifyFlags,
  flagsAtRestart,
  listeners,
  slowSubscriber,
  burst,
  expiryLag,
  cycleOutOfTime,
  noMaxmemory,
  nearlyFull,
  volatilePolicy,
  refusedWrites,
  evictions,
  keysWithoutTtl,
  scanningClients,
  replication,
  cluster,
  persistence,
  failingWritesToDisk,
  slowAof,
  lazyfree,
  knownBugs,
];
