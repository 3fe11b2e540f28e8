import { expandFlags } from '../notify-flags.ts';

const UNITS_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1_000,
  kb: 1_024,
  m: 1_000_000,
  mb: 1_048_576,
  g: 1_000_000_000,
  gb: 1_073_741_824,
};

/** The bytes of a size as redis.conf writes it, `100mb` or `104857600`; `null` when it is none. */
export function settingBytes(value: string): number | null {
  const [, amount, unit] = /^(\d+)([a-z]*)$/i.exec(value) ?? [];
  const factor = UNITS_BYTES[unit?.toLowerCase() ?? '-'];
  return factor === undefined ? null : Number(amount) * factor;
}

/**
 * Whether a value read by CONFIG GET is the one asked for. A server prints some in a form of its own: sizes in bytes,
 * flags in its own order, the output buffers of all classes of clients where one was set.
 */
export function isAsAsked(setting: string, asked: string, found: string): boolean {
  switch (setting) {
    case 'notify-keyspace-events':
      return sorted(expandFlags(asked)) === sorted(expandFlags(found));
    case 'client-output-buffer-limit': {
      const limits = bufferLimits(found);
      return [...bufferLimits(asked)].every(([client, limit]) => limits.get(client) === limit);
    }
    default:
      return plain(asked) === plain(found);
  }
}

/** Words in lower case, sizes in bytes, one space between; the quotes of an empty value dropped. */
function plain(value: string): string {
  const words = value
    .replace(/^(""|'')$/, '')
    .trim()
    .split(/\s+/);
  return words.map((word) => settingBytes(word) ?? word.toLowerCase()).join(' ');
}

function sorted(flags: string): string {
  return [...flags].sort().join('');
}

/** By class of clients: hard limit, soft limit, seconds. */
function bufferLimits(value: string): Map<string, string> {
  const words = value.trim().split(/\s+/);
  const limits = new Map<string, string>();
  for (let i = 0; i < words.length; i += 4) {
    const client = words[i]!.toLowerCase();
    limits.set(client === 'replica' ? 'slave' : client, plain(words.slice(i + 1, i + 4).join(' ')));
  }
  return limits;
}
