/** Forks that tell their own version beside the `redis_version` that they claim compatibility with. */
const FORKS = ['valkey', 'redict', 'dragonfly', 'keydb'] as const;

/** Which engine a server is, and its own version, by INFO. */
export function engineOf(info: ReadonlyMap<string, string>): [engine: string, version: string] {
  for (const engine of FORKS) {
    const version = info.get(`${engine}_version`);
    if (version !== undefined) return [engine, version];
  }
  return [info.get('server_name') ?? 'redis', info.get('redis_version') ?? 'unknown'];
}

/** By the version of Redis that it is compatible with. */
export function isAtLeast(info: ReadonlyMap<string, string>, major: number, minor: number): boolean {
  const [hasMajor = 0, hasMinor = 0] = (info.get('redis_version') ?? '').split('.').map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
