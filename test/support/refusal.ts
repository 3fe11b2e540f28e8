import * as assert from 'uvu/assert';
import { ServerUnusable } from '../../src/redis/server-unusable.ts';

/** Why a run does not begin. Fails if it does. */
export async function refusal(running: Promise<unknown>): Promise<ServerUnusable> {
  const error = await running.then(
    () => null,
    (error: unknown) => error,
  );
  assert.instance(error, ServerUnusable, String(error));
  return error as ServerUnusable;
}
