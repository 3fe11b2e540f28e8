import type { Settings } from '../experiment/settings.ts';
import { isAsAsked } from '../redis/settings/same-value.ts';

/** Values that the server took otherwise than they were given, in words: of hz 700 it makes 500. */
export function alteredValues(asked: Settings, inForce: Settings): string[] {
  return Object.entries(asked).flatMap(([name, value]) => {
    const found = inForce[name];
    return found === undefined || isAsAsked(name, value, found) ? [] : [`the server made ${found} of ${name} ${value}`];
  });
}
