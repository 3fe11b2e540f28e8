import { connect } from '../redis/connect.ts';
import { startEmbeddedServer } from '../redis/embedded-server.ts';
import { type Endpoint, parseEndpoint } from '../redis/endpoint.ts';
import { readSetting } from '../redis/settings/read-setting.ts';
import type { CellOptions } from './measure-cell.ts';
import type { Settings } from './settings.ts';

/**
 * The values that a cell without settings of its own has: those that the scenario asks for, else the server's, by CONFIG
 * GET. Of an embedded server one is started for it. Changes nothing. `null`: there is no setting of that name.
 *
 * @param asked the scenario's settings
 * @throws {ServerUnusable} when the server does not start with them, or cannot be reached
 */
export async function presentSettings(
  names: readonly string[],
  asked: Settings,
  { redis, redisServer, signal }: Pick<CellOptions, 'redis' | 'redisServer' | 'signal'>,
): Promise<Map<string, string | null>> {
  if (redis !== undefined) {
    const present = await readAll(names, parseEndpoint(redis));
    for (const name of names)
      if (present.get(name) != null && asked[name] !== undefined) present.set(name, asked[name]);
    return present;
  }
  const server = await startEmbeddedServer({
    settings: asked,
    ...(redisServer !== undefined && { binary: redisServer }),
    ...(signal && { signal }),
  });
  try {
    return await readAll(names, server.endpoint);
  } finally {
    await server.stop();
  }
}

async function readAll(names: readonly string[], endpoint: Endpoint): Promise<Map<string, string | null>> {
  const control = await connect(endpoint, { name: 'ttlscope' });
  try {
    const values = new Map<string, string | null>();
    for (const name of names) values.set(name, await readSetting(control, name));
    return values;
  } finally {
    control.disconnect();
  }
}
