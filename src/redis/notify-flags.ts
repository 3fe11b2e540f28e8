/** What `A` stands for in notify-keyspace-events: all but m, n, o and c. */
const ALL = 'g$lshzxetd';

/** Flags of `needed` that `set` lacks, `A` understood. */
export function missingFlags(set: string, needed: string): string {
  return [...needed].filter((flag) => !set.includes(flag) && !(set.includes('A') && ALL.includes(flag))).join('');
}

/** A value that has both. */
export function unionFlags(set: string, needed: string): string {
  return set + missingFlags(set, needed);
}
