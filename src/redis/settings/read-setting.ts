import type { Redis } from 'ioredis';

/** The value in force, as CONFIG GET has it; `null`: there is none of that name. */
export async function readSetting(redis: Redis, setting: string): Promise<string | null> {
  return ((await redis.config('GET', setting)) as string[])[1] ?? null;
}
