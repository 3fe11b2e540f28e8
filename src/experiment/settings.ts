/** Settings by name, as in redis.conf. */
export type Settings = Readonly<Record<string, string>>;

/** As a person reads them: `hz=100 active-expire-effort=5`. */
export function printSettings(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value === '' ? '""' : value}`)
    .join(' ');
}

/** The same settings with the same values, in whichever order. */
export function sameSettings(one: Settings, other: Settings): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
