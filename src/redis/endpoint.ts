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

/** A URL that cannot be used. Its message never contains the credentials. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
}

const ALLOWED =
  'redis://[[user]:password@]host[:port][/db], rediss://… for TLS, or unix://[[user]:password@]/path/to/socket[?db=N]';
const TRANSPORTS: Readonly<Record<string, 'tcp' | 'tls' | 'unix'>> = {
  redis: 'tcp',
  rediss: 'tls',
  unix: 'unix',
  'redis+unix': 'unix',
};
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 6379;
const MAX_DB = 9999;

/**
 * Reads a URL. User and password are percent-encoded; `WHATWG URL` is not used because it takes no credentials
 * without a host, as a Unix socket has them.
 *
 * @throws {EndpointError} saying what is wrong and what is allowed, without the credentials
 */
export function parseEndpoint(text: string): Endpoint {
  const refuse = (problem: string): never => {
    throw new EndpointError(`${withoutCredentials(text)}: ${problem}; use ${ALLOWED}`);
  };
  const [, scheme, authority, path, query] =
    /^([a-z+]+):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/is.exec(text) ?? refuse('not a URL of a server');
  const transport = TRANSPORTS[scheme!.toLowerCase()] ?? refuse(`${scheme}:// is not known`);
  if (transport !== 'unix' && /[/?].*@/s.test(text.slice(`${scheme}://`.length))) {
    refuse('an @ after a slash or a question mark: in a password they are written %2F and %3F, and @ is %40');
  }
  const at = authority!.lastIndexOf('@');
  const credentials = at < 0 ? {} : readCredentials(authority!.slice(0, at), refuse);
  const address = authority!.slice(at + 1);
  if (transport === 'unix') {
    if (address !== '') refuse('a Unix socket has no host, so its path follows unix:// and begins with a slash');
    if (path!.length < 2) refuse('it names no socket');
    const socket = decode(path!, 'path', refuse);
    return { host: '', port: 0, path: socket, tls: false, ...credentials, db: readQuery(query ?? '', refuse) ?? 0 };
  }
  const { host, port } = readAddress(address, refuse);
  const queryDb = readQuery(query ?? '', refuse);
  const pathDb = path === '' || path === '/' ? undefined : readDb(path!.slice(1), refuse);
  if (pathDb !== undefined && queryDb !== undefined) refuse('it names the database twice');
  return { host, port, tls: transport === 'tls', ...credentials, db: pathDb ?? queryDb ?? 0 };
}

/** The endpoint as a URL, for people to read: never with its password. */
export function printEndpoint({ host, port, path, tls, username, password, db }: Endpoint): string {
  const user = username === undefined ? '' : encodeURIComponent(username);
  const at = password === undefined ? '' : `${user}:***@`;
  if (path !== undefined)
    return `unix://${at}${path.replace(/[%?]/g, encodeURIComponent)}${db === 0 ? '' : `?db=${db}`}`;
  return `${tls ? 'rediss' : 'redis'}://${at}${host.includes(':') ? `[${host}]` : host}:${port}/${db}`;
}

type Refuse = (problem: string) => never;

function readCredentials(text: string, refuse: Refuse): { username?: string; password: string } {
  const colon = text.indexOf(':');
  if (colon < 0) refuse('a user without a password (if it has none: user:@)');
  const username = decode(text.slice(0, colon), 'user', refuse);
  const password = decode(text.slice(colon + 1), 'password', refuse);
  return { ...(username !== '' && { username }), password };
}

function readAddress(text: string, refuse: Refuse): { host: string; port: number } {
  const [, v6, name, port] =
    /^(?:\[([\da-f:.%a-z]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/i.exec(text) ?? refuse('not a host and a port');
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  if (number < 1 || number > 65535) refuse(`${number} is not a port: 1 to 65535`);
  return { host: decode(v6 ?? name!, 'host', refuse) || DEFAULT_HOST, port: number };
}

function readQuery(query: string, refuse: Refuse): number | undefined {
  let db: number | undefined;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== 'db') refuse(`?${name}= is not known`);
    if (db !== undefined) refuse('it names the database twice');
    db = readDb(value, refuse);
  }
  return db;
}

function readDb(text: string, refuse: Refuse): number {
  if (!/^\d{1,4}$/.test(text)) refuse(`"${text}" is not a database: 0 to ${MAX_DB}`);
  return Number(text);
}

function decode(text: string, part: string, refuse: Refuse): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(`its ${part} is not percent-encoded: a % is written %25`);
  }
}

/**
 * The URL as it may be printed. Whatever may be a password is left out, also where the URL is malformed: all before the
 * last `@`, and an authority that is no plain host and port.
 */
function withoutCredentials(text: string): string {
  const scheme = /^[a-z+]+:\/\//i.exec(text)?.[0] ?? '';
  const rest = text.slice(scheme.length);
  const at = rest.lastIndexOf('@');
  if (at >= 0) return `${scheme}***@${rest.slice(at + 1)}`;
  return /^(\[[\da-f:.]+\]|[\w.-]*)(:\d{1,5})?([/?]|$)/i.test(rest) ? text : `${scheme}…`;
}
