/** A setting of the server and the values under which a sweep measures. */
export interface Axis {
  setting: string;
  /** `all`: those that the server names. */
  values: string[] | 'all';
}

export const AXIS_ALLOWED = '10,100, 1..10:3 (1, 4, 7, 10) or all';

const RANGE = /^(\d+)\.\.(\d+)(?::(\d+))?$/;
const MOST_VALUES = 10_000;

/** Reads `10,100`, `1..10:3` (1, 4, 7, 10) or `all`; a text says what is wrong. */
export function parseAxisValues(text: string): { values: Axis['values'] } | string {
  if (text.trim() === 'all') return { values: 'all' };
  const values: string[] = [];
  for (const part of text.split(',').map((part) => part.trim())) {
    const expanded = expandRange(part);
    if (typeof expanded === 'string') return expanded;
    values.push(...expanded);
  }
  return checkAxisValues(values);
}

/** Values as they are; a text says what is wrong. */
export function checkAxisValues(values: string[]): { values: string[] } | string {
  if (values.length === 0 || values.every((value) => value === '')) return `names no value; use ${AXIS_ALLOWED}`;
  if (values.length > MOST_VALUES) return `has ${values.length} values; at most ${MOST_VALUES} are allowed`;
  const twice = values.find((value, i) => values.indexOf(value) < i);
  return twice === undefined ? { values } : `names ${twice === '' ? '""' : twice} twice`;
}

function expandRange(part: string): string[] | string {
  if (!part.includes('..')) return [part];
  const [, first, last, every = '1'] = RANGE.exec(part) ?? [];
  if (first === undefined) return `has a range that is none, ${part}; use FIRST..LAST:STEP in whole numbers, 1..10:3`;
  const [from, to, step] = [Number(first), Number(last), Number(every)];
  if (step === 0) return `has a range without a step, ${part}; use a step of 1 or more`;
  if (to < from) return `has a range that ends before it begins, ${part}`;
  const count = Math.floor((to - from) / step) + 1;
  if (count > MOST_VALUES) return `has ${count} values in ${part}; at most ${MOST_VALUES} are allowed`;
  return Array.from({ length: count }, (_, i) => String(from + i * step));
}
