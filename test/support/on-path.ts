import { onPath as one } from '../../src/redis/server-binary.ts';

/** The path of the first of these programs that is on PATH; `undefined` where none is. */
export function onPath(...names: readonly string[]): string | undefined {
  return names.map(one).find((path) => path !== null) ?? undefined;
}
