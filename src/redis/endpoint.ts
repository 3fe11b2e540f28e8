/** Where a server listens, and how to be let in. */
export interface Endpoint {
  host: string;
  port: number;
  /** Unix socket, instead of host and port. */
  path?: string;
  tls: boolean;
  username?: string;
  password?: string;
  db: number;
}

export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

const ALLOWED = 'redis://[[user]:password@]host[:port][/db], rediss://…, or unix://[user:password@]/path/to/socket[?db=N]';

/**
 * Reads a URL.
 *
 * @throws {EndpointError} saying what is wrong and what is allowed, without the password
 */
export function parseEndpoint(text: string): Endpoint {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new EndpointError(`${redact(text)} is not a URL; use ${ALLOWED}`);
  }
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'redis' && scheme !== 'rediss' && scheme !== 'unix') {
    throw new EndpointError(`${redact(text)}: ${scheme}:// is not known; use ${ALLOWED}`);
  }
  const credentials = {
    ...(url.username !== '' && { username: decodeURIComponent(url.username) }),
    ...(url.password !== '' && { password: decodeURIComponent(url.password) }),
  };
  if (scheme === 'unix') {
    if (url.pathname.length < 2) throw new EndpointError(`${redact(text)} names no socket; use ${ALLOWED}`);
    const path = decodeURIComponent(url.pathname);
    return { host: '', port: 0, path, tls: false, ...credentials, db: database(url.searchParams.get('db') ?? '', text) };
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: url.port === '' ? 6379 : Number(url.port),
    tls: scheme === 'rediss',
    ...credentials,
    db: database(url.pathname.replace(/^\//, '') || (url.searchParams.get('db') ?? ''), text),
  };
}

/** The endpoint as a URL, for people to read: never with its password. */
export function printEndpoint({ host, port, path, tls, username, password, db }: Endpoint): string {
  const user = password === undefined ? (username ?? '') : `${username ?? ''}:***`;
  const at = user === '' ? '' : `${user}@`;
  if (path !== undefined) return `unix://${at}${path}${db === 0 ? '' : `?db=${db}`}`;
  return `${tls ? 'rediss' : 'redis'}://${at}${host.includes(':') ? `[${host}]` : host}:${port}/${db}`;
}

function database(text: string, url: string): number {
  if (text === '') return 0;
  if (!/^\d{1,4}$/.test(text)) throw new EndpointError(`${redact(url)}: "${text}" is not a database number`);
  return Number(text);
}

function redact(text: string): string {
  return text.replace(/\/\/[^@/]*@/, '//***@');
}
