/** What `A` stands for in notify-keyspace-events: all but m, n, o and c. */
const ALL = 'g$lshzxetd';

/** The value with `A` written out, each flag once. */
export function expandFlags(value: string): string {
  return [...new Set(value.replace('A', ALL))].join('');
}

/** Flags of `needed` that `set` lacks, `A` understood. */
export function missingFlags(set: string, needed: string): string {
  return [...new Set(needed)]
    .filter((flag) => !set.includes(flag) && !(set.includes('A') && ALL.includes(flag)))
    .join('');
}

/** Whether the value may have an `n` all the same: Redis 7.0 does not tell of it beside `A`. */
export function mayHideNew(set: string): boolean {
  return set.includes('A') && !set.includes('n');
}

/** A value that has both; with `n`, `A` is written out but for `d`, the events of modules, so that `n` is told of. */
export function unionFlags(set: string, needed: string): string {
  const missing = missingFlags(set, needed);
  return (missing.includes('n') ? set.replace('A', ALL.replace('d', '')) : set) + missing;
}
