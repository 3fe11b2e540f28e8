import { expiresInAll, infoNumber, keysInAll } from '../redis/info.ts';
import { printRedisCli } from '../redis/redis-cli.ts';
import type { Examination } from './examination.ts';

/** How much a counter of INFO grew between the two looks; `null` where the server does not tell it. */
export function growthOf({ before, now }: Examination, field: string): number | null {
  const [from, to] = [infoNumber(before, field), infoNumber(now, field)];
  return from === null || to === null ? null : to - from;
}

/** Calls of a command between the two looks, and since the start of its counts. */
export function callsOf({ before, now }: Examination, command: string): { grown: number; total: number } {
  const total = calls(now, command);
  return { grown: total - calls(before, command), total };
}

function calls(info: ReadonlyMap<string, string>, command: string): number {
  return Number(/calls=(\d+)/.exec(info.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0);
}

/** Keys, and those with a TTL, in all databases. */
export function keysOf({ now }: Examination): { keys: number; expires: number } {
  return { keys: keysInAll(now), expires: expiresInAll(now) };
}

/** Keys that expire a second: between the two looks, or if there were none, since the server began. */
export function expiriesPerSecond(examination: Examination): number {
  const { now, seconds } = examination;
  const grown = growthOf(examination, 'expired_keys') ?? 0;
  if (grown > 0) return grown / seconds;
  const uptime = infoNumber(now, 'uptime_in_seconds') ?? 0;
  return uptime > 0 ? (infoNumber(now, 'expired_keys') ?? 0) / uptime : 0;
}

/** Whether it may evict, and how full it is, 0 to 1; `null`: there is no maxmemory. */
export function fullness({ now }: Examination): number | null {
  const most = infoNumber(now, 'maxmemory');
  const used = infoNumber(now, 'used_memory');
  return most === null || most === 0 || used === null ? null : used / most;
}

export function policyOf({ now }: Examination): string {
  return now.get('maxmemory_policy') ?? 'noeviction';
}

/** The redis-cli call that sets a value, to be typed. */
export function typed({ endpoint }: Examination, ...command: string[]): string {
  return printRedisCli({ ...endpoint, db: 0 }, command);
}
