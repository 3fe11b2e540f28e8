/** A connection, as CLIENT LIST tells of it: `cmd`, `sub`, `psub`, `omem`, `addr`, `name` and others, as the server has them. */
export type ClientFields = ReadonlyMap<string, string>;

/** The lines of CLIENT LIST. A value may hold `=`. */
export function parseClientList(text: string): ClientFields[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => new Map(line.split(' ').map(fieldOf)));
}

function fieldOf(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=');
  return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
}
