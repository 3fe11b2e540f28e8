import type { Endpoint } from './endpoint.ts';

/**
 * The redis-cli call that reaches an endpoint, with a command if one is given, to be typed by a person in a shell: never
 * with a password, for which redis-cli then asks.
 */
export function printRedisCli(endpoint: Endpoint, command: readonly string[] = []): string {
  const { host, port, path, tls, username, password, db } = endpoint;
  const words = ['redis-cli', ...(path === undefined ? ['-h', host, '-p', String(port)] : ['-s', path])];
  if (tls) words.push('--tls');
  if (username !== undefined) words.push('--user', username);
  if (password !== undefined) words.push('--askpass');
  if (db !== 0) words.push('-n', String(db));
  return [...words, ...command].map(shellWord).join(' ');
}

/** The same call by whoever administers the server, who is somebody else than the endpoint's user. */
export function printAdminCli({ username, password, ...endpoint }: Endpoint, command: readonly string[]): string {
  return printRedisCli(endpoint, command);
}

function shellWord(word: string): string {
  return /^[\w.:,/@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
