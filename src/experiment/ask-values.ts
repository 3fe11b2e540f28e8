import type { Redis } from 'ioredis';
import { connect } from '../redis/connect.ts';
import { startEmbeddedServer } from '../redis/embedded-server.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import type { Axis } from '../scenario/axis.ts';
import type { KnownAxis } from './matrix.ts';
import type { Settings } from './settings.ts';

/** No setting has this value, so that a server that names the values it knows does so. */
const NO_VALUE = 'ttlscope-asks';

/** What a server refuses, and in which words. */
export interface Refusal {
  setting: string;
  message: string;
}

export interface Asked {
  axes: KnownAxis[];
  refusals: Refusal[];
}

export interface AskOptions {
  /** Settings that the server starts with. */
  settings: Settings;
  redisServer?: string;
  signal?: AbortSignal;
}

/**
 * Asks a server of our own, started for it, which values `all` stands for and whether it takes the others, so that a
 * sweep does not find out after an hour. What it cannot change while it runs is tried by starting another with it.
 *
 * @throws {ServerUnusable} when it does not start with the settings given
 */
export async function askValues(axes: readonly Axis[], options: AskOptions): Promise<Asked> {
  const asked: Asked = { axes: [], refusals: [] };
  const server = await startEmbeddedServer(startOptions(options));
  try {
    const control = await connect(server.endpoint, { name: 'ttlscope' });
    try {
      for (const { setting, values } of axes) {
        const { known, refusals } = await askAxis(control, setting, values, options);
        asked.axes.push({ setting, values: known });
        asked.refusals.push(...refusals.map((message) => ({ setting, message })));
      }
    } finally {
      control.disconnect();
    }
  } finally {
    await server.stop();
  }
  return asked;
}

async function askAxis(
  control: Redis,
  setting: string,
  values: Axis['values'],
  options: AskOptions,
): Promise<{ known: string[]; refusals: string[] }> {
  if (values === 'all') {
    const refusal = (await refusalOf(control, setting, NO_VALUE)) ?? '';
    const known = namedIn(refusal);
    return { known, refusals: known.length > 0 ? [] : [unnamed(setting, refusal)] };
  }
  const refusals: string[] = [];
  for (const value of values) {
    const refusal = await refusalOf(control, setting, value);
    const reason = refusal !== null && isImmutable(refusal) ? await startWith({ [setting]: value }, options) : refusal;
    if (reason === null) continue;
    if (isUnknown(reason)) return { known: values, refusals: [unknown(setting)] };
    refusals.push(`${value === '' ? '""' : value} is refused: ${reason}`);
  }
  return { known: values, refusals };
}

/** The server's own words, without what repeats the question; `null`: it took the value. */
async function refusalOf(control: Redis, setting: string, value: string): Promise<string | null> {
  try {
    await control.config('SET', setting, value);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return message.replace(/^ERR /, '').replace(/^(CONFIG SET failed|Invalid argument) .*? - /, '');
  }
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

/** The values in "argument(s) must be one of the following: a, b" and in "argument must be 'yes' or 'no'". */
function namedIn(refusal: string): string[] {
  const [, list] = /must be one of the following: (.+)$/.exec(refusal) ?? [];
  if (list !== undefined) return list.split(',').map((value) => value.trim());
  return /must be 'yes' or 'no'/.test(refusal) ? ['yes', 'no'] : [];
}

const isImmutable = (refusal: string): boolean => /can't set immutable config/.test(refusal);
/** Redis 7.0 and its forks; before, "Unsupported CONFIG parameter". */
const isUnknown = (refusal: string): boolean => /^(Unknown option|Unsupported CONFIG parameter)/.test(refusal);
const unknown = (setting: string): string => `${setting} is no setting of this server`;

function unnamed(setting: string, refusal: string): string {
  if (isUnknown(refusal)) return unknown(setting);
  return `the server does not name the values of ${setting} (it says: ${refusal}); name them yourself`;
}
