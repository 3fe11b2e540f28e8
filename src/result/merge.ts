import { mergeTallies } from '../ledger/tally.ts';
import type { Result, Verdict } from './schema.ts';

/** What of a result adds up over the segments of one plan. */
export type MergedResult = Pick<Result, 'verdict' | 'scenario' | 'seed' | 'totals' | 'cohorts'>;

const WORST_LAST: Verdict['state'][] = ['valid', 'aborted', 'invalid'];

/**
 * Puts the results of the segments of one plan together: the tallies are those of the whole, the verdict is the worst,
 * and invalid where a segment is missing.
 *
 * @throws {RangeError} when there is nothing to merge, or a segment is there twice or is of another plan
 */
export function mergeResults(results: readonly Result[]): MergedResult {
  const [first] = results;
  if (!first) throw new RangeError('no results to merge');
  const plan = ({ scenario, seed, segment }: Result): string => JSON.stringify([scenario, seed, segment.of]);
  const seen = new Set<number>();
  for (const result of results) {
    const { index, of } = result.segment;
    if (plan(result) !== plan(first)) throw new RangeError(`segment ${index}/${of} is of another plan`);
    if (seen.has(index)) throw new RangeError(`segment ${index}/${of} is there twice`);
    seen.add(index);
  }
  const cohorts = Object.keys(first.cohorts).map((name) => {
    return [name, mergeTallies(results.map((result) => result.cohorts[name]!))] as const;
  });
  const { of } = first.segment;
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !seen.has(index));
  const verdicts: Verdict[] = [
    ...missing.map((index) => ({ state: 'invalid' as const, reasons: [`segment ${index}/${of} is missing`] })),
    ...results.map(({ verdict }) => verdict),
  ];
  return {
    verdict: {
      state: WORST_LAST.findLast((worst) => verdicts.some(({ state }) => state === worst))!,
      reasons: [...new Set(verdicts.flatMap(({ reasons }) => reasons))],
    },
    scenario: first.scenario,
    seed: first.seed,
    totals: mergeTallies(results.map(({ totals }) => totals)),
    cohorts: Object.fromEntries(cohorts),
  };
}
