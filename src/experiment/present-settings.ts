import { connect } from '../redis/connect.ts';
import { startEmbeddedServer } from '../redis/embedded-server.ts';
import { type Endpoint, parseEndpoint, printEndpoint } from '../redis/endpoint.ts';
import { inspect } from '../redis/inspect.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import type { CellOptions } from './measure-cell.ts';
import type { Settings } from './settings.ts';

/**
 * The values that a run has without settings of a search: those that the scenario asks for, else the server's, by CONFIG
 * GET. Of an embedded server one is started for it. Changes nothing. What is missing is no setting of this server.
 *
 * @param asked the scenario's settings
 * @throws {ServerUnusable} when the server does not start with them, cannot be used, or does not let them be read
 */
export async function presentSettings(
  names: readonly string[],
  asked: Settings,
  { redis, redisServer, signal }: Pick<CellOptions, 'redis' | 'redisServer' | 'signal'>,
): Promise<Settings> {
  if (redis !== undefined) {
    const present = await read(names, parseEndpoint(redis));
    return { ...present, ...Object.fromEntries(Object.entries(asked).filter(([name]) => name in present)) };
  }
  const server = await startEmbeddedServer({
    settings: asked,
    ...(redisServer !== undefined && { binary: redisServer }),
    ...(signal && { signal }),
  });
  try {
    return await read(names, server.endpoint);
  } finally {
    await server.stop();
  }
}

async function read(names: readonly string[], endpoint: Endpoint): Promise<Settings> {
  const control = await connect(endpoint, { name: 'ttlscope' });
  try {
    const { settings, config } = await inspect(control, endpoint, [], names);
    if (config.get !== null) {
      throw new ServerUnusable(
        `${printEndpoint(endpoint)}: it does not let its settings be read (CONFIG GET: ${config.get})`,
        'a search changes settings with CONFIG SET: leave --redis out for a server of its own',
      );
    }
    return Object.fromEntries(Object.entries(settings).filter(([name]) => names.includes(name)));
  } finally {
    control.disconnect();
  }
}
