import { Redis } from 'ioredis';
import { type Endpoint, printEndpoint } from './endpoint.ts';
import { ServerUnusable } from './server-unusable.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const LOADING_LIMIT_MS = 10_000;
const LOADING_POLL_MS = 200;

/** The redis-cli call that reaches an endpoint, to be typed by a person: never with a password. */
export function printRedisCli({ host, port, path, tls, username, password, db }: Endpoint): string {
  const parts = ['redis-cli'];
  if (path !== undefined) parts.push('-s', path);
  else parts.push('-h', host, '-p', String(port));
  if (tls) parts.push('--tls');
  if (username !== undefined) parts.push('--user', username);
  if (password !== undefined) parts.push('--askpass');
  if (db !== 0) parts.push('-n', String(db));
  return parts.join(' ');
}

/**
 * Opens a control connection that does not reconnect by itself.
 *
 * @throws {ServerUnusable} with the cause and the remedy; waits up to 10 s for a server that is loading
 */
export async function connect(endpoint: Endpoint, { name }: { name: string }): Promise<Redis> {
  const { host, port, path, tls, username, password, db } = endpoint;
  const redis = new Redis({
    ...(path === undefined ? { host, port, ...(tls && { tls: { servername: host } }) } : { path }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    db,
    connectionName: name,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: undefined,
    retryStrategy: () => null,
  });
  let failure: Error | null = null;
  redis.on('error', (error: Error) => {
    failure ??= error;
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('silent')), CONNECT_TIMEOUT_MS);
    });
    await Promise.race([redis.connect().then(() => redis.ping()), silence]);
    return redis;
  } catch (error) {
    if (/^LOADING|^MASTERDOWN/.test((error as Error).message) && (await loaded(redis))) return redis;
    redis.disconnect();
    throw explain(failure ?? (error as Error), endpoint);
  } finally {
    clearTimeout(timer);
  }
}

async function loaded(redis: Redis): Promise<boolean> {
  const until = performance.now() + LOADING_LIMIT_MS;
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, LOADING_POLL_MS));
    try {
      await redis.ping();
      return true;
    } catch {}
  }
  return false;
}

function explain(error: Error, endpoint: Endpoint): ServerUnusable {
  const where = printEndpoint(endpoint);
  const { message } = error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const unusable = (cause: string, remedy: string) => new ServerUnusable(`${where}: ${cause}`, remedy);
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return unusable(
      'nothing listens there',
      'start the server, or correct the URL; without --redis an embedded one is used',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unusable('no such host', 'correct the URL');
  if (code === 'ETIMEDOUT' || message === 'silent' || message.includes('ETIMEDOUT')) {
    return unusable(
      `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`,
      'is this a Redis, and does a firewall let you through?',
    );
  }
  if (message.startsWith('NOAUTH')) {
    return unusable(
      'it asks for a password',
      'put it into the URL: redis://:PASSWORD@host or redis://USER:PASSWORD@host',
    );
  }
  if (message.startsWith('WRONGPASS') || /invalid password|without any password/.test(message)) {
    return unusable(`it does not accept the user or the password (${message})`, 'correct them in the URL');
  }
  if (message.startsWith('DENIED')) {
    return unusable(
      'it is in protected mode',
      'set a password, or bind it to a trusted interface and `CONFIG SET protected-mode no`',
    );
  }
  if (message.startsWith('LOADING')) {
    return unusable(
      `it is still loading its data after ${LOADING_LIMIT_MS / 1000} s`,
      'wait until INFO says loading:0',
    );
  }
  if (message.startsWith('MASTERDOWN')) {
    return unusable('it is a replica that has lost its primary', 'give the URL of the primary');
  }
  if (message.includes('max number of clients')) {
    return unusable('it has no connection left', 'raise maxclients, or close some connections');
  }
  if (message.startsWith('NOPERM')) return unusable(message, 'let this user do it: ACL SETUSER');
  return unusable(
    message || code || 'the connection failed',
    'is this a Redis, and should the URL say redis:// or rediss://?',
  );
}
