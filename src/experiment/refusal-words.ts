import type { Redis } from 'ioredis';

/** No setting has this value, so that a server that names the values it knows does so. */
const NO_VALUE = 'ttlscope-asks';

/** The server's own words, without what repeats the question; `null`: it took the value. */
export async function refusalOf(control: Redis, setting: string, value: string): Promise<string | null> {
  try {
    await control.config('SET', setting, value);
    return null;
  } catch (error) {
    const { message } = error as Error;
    return message.replace(/^ERR /, '').replace(/^(CONFIG SET failed|Invalid argument) .*? - /, '');
  }
}

/**
 * The values that a server names when it is given none of them, in "argument(s) must be one of the following: a, b" and
 * "argument must be 'yes' or 'no'"; a text says why there are none. It changes nothing.
 */
export async function valuesNamedBy(control: Redis, setting: string): Promise<string[] | string> {
  const refusal = (await refusalOf(control, setting, NO_VALUE)) ?? '';
  const [, list] = /must be one of the following: (.+)$/.exec(refusal) ?? [];
  if (list !== undefined) return list.split(',').map((value) => value.trim());
  if (/must be 'yes' or 'no'/.test(refusal)) return ['yes', 'no'];
  if (isUnknown(refusal)) return unknownSetting(setting);
  return `the server does not name the values of ${setting} (it says: ${refusal}); name them yourself`;
}

export function isImmutable(refusal: string): boolean {
  return /can't set immutable config/.test(refusal);
}

/** From 7.0 on, and in the forks; before, "Unsupported CONFIG parameter". */
export function isUnknown(refusal: string): boolean {
  return /^(Unknown option|Unsupported CONFIG parameter)/.test(refusal);
}

export function unknownSetting(setting: string): string {
  return `${setting} is no setting of this server`;
}
