import { bucketKeysOf, type CycleSettings, type ExpiryPrediction, predictExpiry } from '../model/expire-cycle.ts';
import { databasesOf, infoNumber, keyspace } from '../redis/info.ts';
import { type Facts, Untold } from './facts.ts';

/** Whose cycle the model is of, from Redis 6.0 on; measured on each, see docs/model.md. */
const ENGINES = ['redis', 'valkey', 'redict'];

export interface DatabasePrediction {
  db: number;
  keysWithTtl: number;
  duePerSecond: number;
  settings: CycleSettings;
  prediction: ExpiryPrediction;
}

/** The settings of the cycle in force. */
function cycleSettings(facts: Facts): CycleSettings {
  const { engine, version } = facts;
  const effort = Number(facts.settingOf('active-expire-effort'));
  return { hz: facts.number('hz'), effort, bucketKeys: bucketKeysOf(engine, version) };
}

/**
 * The lag to expect in the database that has most keys with a TTL, if nobody reads them: each has a cursor of its own. `null`:
 * there are none.
 *
 * @throws {Untold} for a server of another cycle
 */
export function predictLargest(facts: Facts, settings = cycleSettings(facts)): DatabasePrediction | null {
  if (!ENGINES.includes(facts.engine) || Number.parseInt(facts.text('redis_version'), 10) < 6) {
    throw new Untold(`the model is not of the expire cycle of ${facts.engine} ${facts.version}`);
  }
  const [largest] = databasesOf(facts.now)
    .map((db) => ({ db, keysWithTtl: keyspace(facts.now, db).expires }))
    .sort((a, b) => b.keysWithTtl - a.keysWithTtl);
  if (largest === undefined || largest.keysWithTtl === 0) return null;
  const { keysWithTtl } = largest;
  const duePerSecond = (expiryRate(facts) * keysWithTtl) / facts.keysWithTtl;
  // The server counts dead keys as well, the model's are the live ones.
  const { staleKeys, keepsUp } = predictExpiry({ liveKeys: keysWithTtl, duePerSecond }, settings);
  // More fall due than it can delete, however few are live.
  const liveKeys = keepsUp ? Math.max(0, keysWithTtl - staleKeys) : keysWithTtl;
  const prediction = predictExpiry({ liveKeys, duePerSecond }, settings);
  return { ...largest, duePerSecond, settings, prediction };
}

/**
 * Keys that expire a second: between the looks, or on average since the start, whichever is less and not none, as the fewer
 * there are the later they come; a herd that comes by would make the rest look punctual.
 */
function expiryRate(facts: Facts): number {
  const uptime = Math.max(1, infoNumber(facts.now, 'uptime_in_seconds') ?? 1);
  const rates = [facts.increase('expired_keys') / facts.seconds, facts.number('expired_keys') / uptime];
  const some = rates.filter((rate) => rate > 0);
  return some.length === 0 ? 0 : Math.min(...some);
}
