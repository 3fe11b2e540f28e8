/** INFO's fields by name, sections dropped. */
export function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** A numeric field; `null` where the server does not tell: absent is absent, never zero. */
export function infoNumber(info: ReadonlyMap<string, string>, field: string): number | null {
  const text = info.get(field);
  const value = Number(text);
  return text === undefined || text === '' || Number.isNaN(value) ? null : value;
}

/** Keys in all databases. */
export function keysInAll(info: ReadonlyMap<string, string>): number {
  return databasesOf(info).reduce((sum, db) => sum + keyspace(info, db).keys, 0);
}

/** Keys with a TTL in all databases. */
export function expiresInAll(info: ReadonlyMap<string, string>): number {
  return databasesOf(info).reduce((sum, db) => sum + keyspace(info, db).expires, 0);
}

/** The databases that have keys, by number. */
export function databasesOf(info: ReadonlyMap<string, string>): number[] {
  return [...info.keys()].flatMap((field) => /^db(\d+)$/.exec(field)?.[1] ?? []).map(Number);
}

/** Keys of a database, and those of them with a TTL. A database without a line has none. */
export function keyspace(info: ReadonlyMap<string, string>, db: number): { keys: number; expires: number } {
  const counts = new Map((info.get(`db${db}`) ?? '').split(',').map((pair) => pair.split('=') as [string, string]));
  return { keys: Number(counts.get('keys') ?? 0), expires: Number(counts.get('expires') ?? 0) };
}

/** How often a command was called, by its name in `commandstats`; `0`: the server's figures have no such line. */
export function callsOf(info: ReadonlyMap<string, string>, command: string): number {
  return Number(/(?:^|,)calls=(\d+)/.exec(info.get(`cmdstat_${command}`) ?? '')?.[1] ?? 0);
}
