import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type ClientFields, parseClientList } from '../redis/client-list.ts';
import { connect } from '../redis/connect.ts';
import { explainFailure } from '../redis/connect-failure.ts';
import { type Endpoint, printEndpoint } from '../redis/endpoint.ts';
import { engineOf } from '../redis/engine.ts';
import { callsOf, parseInfo } from '../redis/info.ts';
import { printAdminCli } from '../redis/redis-cli.ts';
import { ReplyError } from '../redis/resp.ts';
import { ServerUnusable } from '../redis/server-unusable.ts';
import { readSetting } from '../redis/settings/read-setting.ts';
import { readConfigFile } from './config-file.ts';
import { Facts, type Info, type Told } from './facts.ts';

/** Asked one by one: 6.2 takes one a command, and CONFIG GET * would send passwords. */
const SETTINGS = [
  'active-expire-effort',
  'appendfsync',
  'client-output-buffer-limit',
  'lazyfree-lazy-expire',
  'notify-keyspace-events',
  'save',
] as const;

/** What an account needs for all to be examined, as rules for ACL SETUSER; those of 7.0 on. */
const RIGHTS = ['+info', '+config|get', '+client|list', '+pubsub|numsub', '+pubsub|numpat'] as const;

/** INFO, and when it was asked. */
export interface Look {
  info: Info;
  atMs: number;
}

export interface ExamineOptions {
  /** Between the two looks. */
  watchMs: number;
  signal?: AbortSignal;
}

/**
 * Asks a server all that the rules judge by: INFO twice, some settings, its connections, its subscribers. That writes nothing,
 * touches no key, and is little work for it, also in production. What an account may not ask is left open.
 *
 * @throws {ServerUnusable} for a server that cannot be reached, that refuses INFO, and for a Sentinel
 */
export async function examine(endpoint: Endpoint, { watchMs, signal }: ExamineOptions): Promise<Facts> {
  const redis = await connect(endpoint, { name: 'ttlscope' });
  try {
    const first = await look(redis);
    await delay(watchMs, undefined, { ...(signal && { signal }) });
    return await factsSince(first, redis, endpoint);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ServerUnusable) throw error;
    throw explain(error, endpoint);
  } finally {
    redis.disconnect();
  }
}

export async function look(redis: Redis): Promise<Look> {
  return { info: parseInfo(await redis.info('everything')), atMs: performance.now() };
}

/** The second look, and the rest. */
export async function factsSince(first: Look, redis: Redis, endpoint: Endpoint): Promise<Facts> {
  const second = await look(redis);
  if (second.info.get('redis_mode') === 'sentinel') {
    throw new ServerUnusable(
      `${printEndpoint(endpoint)}: it is a Sentinel`,
      'give the URL of the primary that it watches',
    );
  }
  const [engine, version] = engineOf(second.info);
  const [settings, clients, subscribers, configFile] = await Promise.all([
    told(askSettings(redis), endpoint),
    told(askClients(redis, scansIn(second.info) > scansIn(first.info)), endpoint),
    told(askSubscribers(redis, endpoint), endpoint),
    readConfigFile(endpoint, second.info),
  ]);
  return new Facts({
    endpoint,
    engine,
    version,
    before: first.info,
    now: second.info,
    seconds: (second.atMs - first.atMs) / 1000,
    settings,
    clients,
    subscribers,
    configFile,
  });
}

/** What a server refuses is left open; what fails otherwise, fails. */
async function told<T>(asked: Promise<T>, endpoint: Endpoint): Promise<Told<T>> {
  try {
    return { value: await asked };
  } catch (error) {
    if (!isReplyError(error)) throw error;
    const { message } = error as Error;
    const refusal = `the server says: ${message}`;
    return message.startsWith('NOPERM') ? { refusal, commands: [permit(endpoint)] } : { refusal };
  }
}

async function askSettings(redis: Redis): Promise<ReadonlyMap<string, string>> {
  const values = await Promise.all(SETTINGS.map((name) => readSetting(redis, name)));
  return new Map(SETTINGS.flatMap((name, i) => (values[i] === null ? [] : [[name, values[i]!]])));
}

/**
 * All connections only where one of them is looked for: that list holds the server up for 1 ms a thousand (measured: 2.3 ms of
 * 2,000, the subscribers among them 7 us).
 */
async function askClients(redis: Redis, all: boolean): Promise<ClientFields[]> {
  const list = all ? redis.client('LIST') : redis.client('LIST', 'TYPE', 'PUBSUB');
  return parseClientList((await list) as string);
}

function scansIn(info: Info): number {
  return callsOf(info, 'scan') + callsOf(info, 'keys');
}

async function askSubscribers(redis: Redis, { db }: Endpoint): Promise<{ expired: number; patterns: number }> {
  const [numbers, patterns] = await Promise.all([
    redis.pubsub('NUMSUB', `__keyevent@${db}__:expired`),
    redis.pubsub('NUMPAT'),
  ]);
  return { expired: Number((numbers as unknown[])[1]), patterns: Number(patterns) };
}

/** What is refused here is INFO: of all else it is told that it was refused. */
function explain(error: unknown, endpoint: Endpoint): ServerUnusable {
  if (!isReplyError(error)) return explainFailure(error, endpoint);
  const reply = new ReplyError((error as Error).message);
  if (reply.code !== 'NOPERM') return explainFailure(reply, endpoint);
  return new ServerUnusable(
    `${printEndpoint(endpoint)}: the user "${userOf(endpoint)}" may not use INFO, which nearly all is judged by`,
    `as its administrator, type: ${permit(endpoint)}`,
  );
}

/** What lets the account ask all. */
function permit(endpoint: Endpoint): string {
  return printAdminCli({ ...endpoint, db: 0 }, ['ACL', 'SETUSER', userOf(endpoint), ...RIGHTS]);
}

function userOf({ username }: Endpoint): string {
  return username ?? 'default';
}

function isReplyError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
