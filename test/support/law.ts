import * as assert from 'uvu/assert';
import type { Result } from '../../src/result/schema.ts';

/** attempted = the sum of the outcomes, in each cohort and in all. */
export function assertLaw({ cohorts, totals }: Result): void {
  for (const [name, { attempted, outcomes }] of [...Object.entries(cohorts), ['all', totals] as const]) {
    const sum = Object.values(outcomes).reduce((total, count) => total + count, 0);
    assert.is(sum, attempted, `${name}: ${JSON.stringify(outcomes)}`);
  }
}
