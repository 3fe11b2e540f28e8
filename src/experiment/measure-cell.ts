import { ServerUnusable } from '../redis/server-unusable.ts';
import type { Result } from '../result/schema.ts';
import { type RunOptions, run } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Settings } from './settings.ts';

/** Where the cells are measured: see RunOptions. */
export type CellOptions = Pick<
  RunOptions,
  'redis' | 'redisServer' | 'allowConfig' | 'signal' | 'yes' | 'onProgress' | 'onNote'
>;

/** `wallSeconds` is the time of the whole cell: the run, the server's start and its end. */
export type Measurement =
  | { state: 'measured'; wallSeconds: number; result: Result }
  | { state: 'failed'; wallSeconds: number; message: string; remedy: string | null }
  | { state: 'aborted' };

/**
 * Runs the scenario once under these settings, which go before its own: on a server started for it and gone afterwards,
 * or on the user's, which is as it was before when this resolves. Never throws: what went wrong is in what it returns, so
 * that an experiment goes on with its next cell. A run that the signal cut off is discarded.
 */
export async function measureCell(scenario: Scenario, settings: Settings, options: CellOptions): Promise<Measurement> {
  const beganAt = performance.now();
  const wallSeconds = (): number => (performance.now() - beganAt) / 1000;
  try {
    const result = await run({ ...scenario, server: { ...scenario.server, ...settings } }, options);
    if (options.signal?.aborted) return { state: 'aborted' };
    return { state: 'measured', wallSeconds: wallSeconds(), result };
  } catch (error) {
    if (options.signal?.aborted) return { state: 'aborted' };
    const remedy = error instanceof ServerUnusable ? error.remedy : null;
    return { state: 'failed', wallSeconds: wallSeconds(), message: (error as Error).message, remedy };
  }
}
