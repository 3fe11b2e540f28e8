import type { Redis } from 'ioredis';
import { infoNumber, parseInfo } from '../info.ts';

/** By what a server is told from another one that answers at its address. Each is `null` where INFO does not tell it. */
export interface ServerIdentity {
  /** Drawn anew at each start. */
  runId: string | null;
  /** By its own clock, to a second: INFO has whole seconds of both the start and the time. */
  startedMs: number | null;
  nowMs: number | null;
}

export async function identify(redis: Redis): Promise<ServerIdentity> {
  const info = parseInfo(await redis.info('server'));
  const nowUs = infoNumber(info, 'server_time_usec');
  const nowMs = nowUs === null ? null : nowUs / 1000;
  const upSeconds = infoNumber(info, 'uptime_in_seconds');
  const startedMs = nowMs === null || upSeconds === null ? null : nowMs - upSeconds * 1000;
  return { runId: info.get('run_id') ?? null, startedMs, nowMs };
}
