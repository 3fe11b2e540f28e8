import type { Redis } from 'ioredis';
import { connect } from '../redis/connect.ts';
import { startEmbeddedServer } from '../redis/embedded-server.ts';
import { parseEndpoint } from '../redis/endpoint.ts';
import { inspect } from '../redis/inspect.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { refuseDangerous } from '../redis/settings/foreign-server.ts';
import type { Axis } from '../scenario/axis.ts';
import type { KnownAxis } from './matrix.ts';
import { isImmutable, isUnknown, refusalOf, unknownSetting, valuesNamedBy } from './refusal-words.ts';
import type { Settings } from './settings.ts';

export interface Asked {
  axes: KnownAxis[];
  /** What the server refuses, in its own words. */
  refusals: { setting: string; message: string }[];
}

export interface AskOptions {
  /** Settings that a server of our own starts with. */
  settings: Settings;
  /** URL of the user's server. (Default: a server of our own, started for it) */
  redis?: string;
  redisServer?: string;
  signal?: AbortSignal;
}

/** The values of an axis, and why the server does not take some of them. */
type Answer = Omit<KnownAxis, 'setting'> & { refusals: string[] };

/**
 * Asks the server which values `all` stands for and whether it takes the others, so that a sweep does not find out after
 * an hour. One of our own is given each value; a user's is not changed: it is asked whether it has the setting.
 *
 * @throws {ServerUnusable} when it cannot be used; for a setting that must not be changed on a user's server
 */
export async function askValues(axes: readonly Axis[], options: AskOptions): Promise<Asked> {
  const asked: Asked = { axes: [], refusals: [] };
  await withServer(axes, options, async (control, ask) => {
    for (const { setting, values } of axes) {
      const named = values === 'all' ? await valuesNamedBy(control, setting) : values;
      const { refusals, ...axis }: Answer =
        typeof named === 'string' ? { values: [], refusals: [named] } : await ask(setting, named);
      asked.axes.push({ setting, ...axis });
      asked.refusals.push(...refusals.map((message) => ({ setting, message })));
    }
  });
  return asked;
}

async function withServer(
  axes: readonly Axis[],
  options: AskOptions,
  use: (control: Redis, ask: (setting: string, values: string[]) => Promise<Answer>) => Promise<void>,
): Promise<void> {
  const server = options.redis === undefined ? await startEmbeddedServer(startOptions(options)) : null;
  try {
    const endpoint = server?.endpoint ?? parseEndpoint(options.redis!);
    const control = await connect(endpoint, { name: 'ttlscope' });
    try {
      if (server) return await use(control, (setting, values) => tryEach(control, setting, values, options));
      const names = axes.map(({ setting }) => setting);
      const facts = await inspect(control, endpoint, [], names);
      await use(control, async (setting, values) => {
        if (facts.settings[setting] === undefined) return { values, refusals: [unknownSetting(setting)] };
        for (const value of values) refuseDangerous({ [setting]: value }, facts, endpoint);
        return { values, refusals: [] };
      });
    } finally {
      control.disconnect();
    }
  } finally {
    await server?.stop();
  }
}

/** What cannot be set while it runs is tried by starting another server with it. */
async function tryEach(control: Redis, setting: string, values: string[], options: AskOptions): Promise<Answer> {
  const refusals: string[] = [];
  let immutable = false;
  for (const value of values) {
    const refusal = await refusalOf(control, setting, value);
    if (refusal === null) continue;
    if (isUnknown(refusal)) return { values, refusals: [unknownSetting(setting)] };
    immutable = isImmutable(refusal);
    const reason = immutable ? await startWith({ [setting]: value }, options) : refusal;
    if (reason !== null) refusals.push(`${value === '' ? '""' : value} is refused: ${reason}`);
  }
  return { values, refusals, ...(immutable && { immutable }) };
}

async function startWith(settings: Settings, options: AskOptions): Promise<string | null> {
  try {
    const server = await startEmbeddedServer(
      startOptions({ ...options, settings: { ...options.settings, ...settings } }),
    );
    await server.stop();
    return null;
  } catch (error) {
    if (error instanceof ServerUnusable) return error.message;
    throw error;
  }
}

function startOptions({ redisServer, settings, signal }: AskOptions) {
  return { settings, ...(redisServer !== undefined && { binary: redisServer }), ...(signal && { signal }) };
}
