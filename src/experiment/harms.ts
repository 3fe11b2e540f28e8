import type { Result } from '../result/schema.ts';
import type { Threshold } from '../scenario/scenario.ts';

/** What settings may do to sessions though no goal speaks of it: a search must not buy its goals with it. */
const HARMS = ['refused', 'evicted_early'] as const;

/** Sessions that came to harm, by the kinds of which no goal speaks. */
export type Harms = Readonly<Record<string, number>>;

/** Standard deviations by which a count of events must be greater to be called so. */
const SIGNIFICANT = 3;

export function harmsOf({ totals }: Result, goals: readonly Threshold[]): Harms {
  const unspoken = HARMS.filter((harm) => !goals.some(({ metric }) => metric === harm));
  return Object.fromEntries(unspoken.map((harm) => [harm, totals.outcomes[harm]]));
}

/**
 * The kinds of harm of which a run did significantly more than one under the present settings. Counts vary as those of
 * rare events do, by their square root.
 */
export function worseHarms(harms: Harms, present: Harms): string[] {
  return Object.keys(harms).filter((kind) => {
    const before = present[kind] ?? 0;
    return harms[kind]! - before > SIGNIFICANT * Math.sqrt(before);
  });
}
