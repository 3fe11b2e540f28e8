import { isAsAsked, settingBytes } from '../redis/settings/same-value.ts';
import type { Axis } from '../scenario/axis.ts';
import type { Threshold } from '../scenario/scenario.ts';
import { isOfEviction, isOfLateness } from './goal-kinds.ts';
import type { KnownAxis } from './matrix.ts';
import type { Settings } from './settings.ts';
import type { SearchAxis } from './tune-space.ts';

/** A setting, and why a search changes it or leaves it alone. */
export interface Reason {
  setting: string;
  why: string;
}

/** What to search over, before the server was asked for what it has. */
export interface Choice {
  axes: Axis[];
  chosen: Reason[];
  leftOut: Reason[];
}

/** The server takes up to 500. */
const HZ = ['10', '25', '50', '100', '250', '500'];
const EFFORT = ['1', '2', '4', '7', '10'];
const SAMPLES = ['3', '5', '10'];
const TENACITY = ['10', '50', '100'];
const MEMORY = [1.25, 1.5, 2];
const KIBIBYTE = 1024;

const EXPIRY_WHY = {
  'active-expire-effort': 'how many keys the expire cycle samples at a time, and how few dead ones make it go on',
  hz: 'how often the expire cycle comes by; redis.conf advises against more than 100',
} as const;

const EVICTION_WHY = {
  'maxmemory-policy': 'which sessions go when memory is full',
  maxmemory: 'how many sessions fit',
  'maxmemory-samples': 'among how many keys the one to go is chosen',
  'maxmemory-eviction-tenacity': 'how long writes wait for keys to go',
} as const;

/** In the order in which a search tries them, those that matter most first. */
const WHY: Readonly<Record<string, string>> = {
  'maxmemory-policy': EVICTION_WHY['maxmemory-policy'],
  maxmemory: EVICTION_WHY.maxmemory,
  ...EXPIRY_WHY,
  'maxmemory-samples': EVICTION_WHY['maxmemory-samples'],
  'maxmemory-eviction-tenacity': EVICTION_WHY['maxmemory-eviction-tenacity'],
};

/** Settings of which a search asks the server. */
export const TUNED_SETTINGS = Object.keys(WHY);

/** Redis 6.0 to 8.0 `lazyfree.c`: LAZYFREE_THRESHOLD. */
const LEFT_OUT: Reason[] = [
  {
    setting: 'lazyfree-lazy-expire',
    why: 'it moves only values of more than 64 parts to another thread, and no session here is one',
  },
  { setting: 'notify-keyspace-events', why: 'it is what must be heard, in every run' },
];

/**
 * The settings that can matter for these goals on a server with these present values.
 *
 * @param present values in force; what is missing is no setting of this server
 */
export function chooseAxes(goals: readonly Threshold[], present: Settings): Choice {
  const limit = settingBytes(present.maxmemory ?? '0') ?? 0;
  const evicts = limit > 0 && goals.some(isOfEviction);
  const choice: Choice = { axes: [], chosen: [], leftOut: [...LEFT_OUT] };
  for (const [setting, why] of Object.entries(WHY)) {
    const reason = reasonAgainst(setting, goals, limit, present);
    if (reason !== null) {
      choice.leftOut.push({ setting, why: reason });
      continue;
    }
    choice.axes.push({ setting, values: valuesOf(setting, limit) });
    const byMemory = evicts && setting in EXPIRY_WHY && !goals.some(isOfLateness);
    choice.chosen.push({ setting, why: byMemory ? `${why}; dead sessions take the place of live ones` : why });
  }
  return choice;
}

function reasonAgainst(setting: string, goals: readonly Threshold[], limit: number, present: Settings): string | null {
  if (present[setting] === undefined) return 'the server has no such setting';
  if (setting in EXPIRY_WHY) {
    const matters = goals.some(isOfLateness) || (limit > 0 && goals.some(isOfEviction));
    return matters ? null : 'no goal is of how late sessions end';
  }
  if (limit === 0) return 'the server has no limit of memory (maxmemory 0), so that nothing is evicted';
  return goals.some(isOfEviction) ? null : 'no goal is of evictions';
}

function valuesOf(setting: string, limitBytes: number): Axis['values'] {
  switch (setting) {
    case 'hz':
      return HZ;
    case 'active-expire-effort':
      return EFFORT;
    case 'maxmemory':
      return MEMORY.map((factor) => printMemory(limitBytes * factor));
    case 'maxmemory-policy':
      return 'all';
    case 'maxmemory-samples':
      return SAMPLES;
    default:
      return TENACITY;
  }
}

/** As in redis.conf: `25mb`, `12800kb`, or bytes where these would not be whole. */
function printMemory(bytes: number): string {
  const whole = Math.round(bytes);
  if (whole % KIBIBYTE > 0) return `${whole}`;
  return whole % KIBIBYTE ** 2 === 0 ? `${whole / KIBIBYTE ** 2}mb` : `${whole / KIBIBYTE}kb`;
}

/**
 * The axes of a search, each with its present value among its levels: numbers and sizes in ascending order, other values
 * as they are, after the present one.
 */
export function searchAxes(axes: readonly KnownAxis[], present: Settings): SearchAxis[] {
  return axes.map(({ setting, values, immutable }) => {
    const now = present[setting]!;
    const levels = [now, ...values.filter((value) => !isAsAsked(setting, value, now))];
    const ordered = levels.every((level) => settingBytes(level) !== null);
    if (ordered) levels.sort((one, other) => amountOf(setting, one) - amountOf(setting, other));
    return { setting, levels, present: levels.indexOf(now), ordered, ...(immutable && { immutable }) };
  });
}

/** Of maxmemory 0 is no limit, so more than any. */
function amountOf(setting: string, level: string): number {
  const amount = settingBytes(level)!;
  return setting === 'maxmemory' && amount === 0 ? Number.MAX_VALUE : amount;
}
