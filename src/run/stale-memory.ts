import type { Result } from '../result/schema.ts';
import { mean } from '../scenario/distribution.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Finished } from './build-result.ts';

const METHOD =
  'payload of each stale session, and what a session of its cohort takes beside it: MEMORY USAGE of sessions tried ' +
  'before the run (their keys, companions, share of common keys), and what their deletion freed beyond that';
const NOT_TOLD = 'the server does not tell MEMORY USAGE';

/** What the stale sessions hold at the cut-off; `null` where the server did not tell what one takes. */
export function staleMemory(run: Finished): Result['staleMemoryBytes'] {
  const { scenario, ledger, plan, indexOf, overheadBytes } = run;
  const byName = (values: readonly (number | null)[]): Record<string, number | null> =>
    Object.fromEntries(scenario.cohorts.map(({ name }, i) => [name, values[i]!]));
  const ofSession = {
    overheadBytes: byName(overheadBytes),
    sessionBytes: byName(meanSessionBytes(scenario, overheadBytes)),
  };
  if (overheadBytes.includes(null)) return { value: null, ...ofSession, method: NOT_TOLD };
  let value = 0;
  for (let row = 0; row < ledger.rows.count; row++) {
    if (ledger.rows.state(row) !== 'stale') continue;
    value += overheadBytes[ledger.rows.cohort[row]!]! + plan.payloadBytes(indexOf(row));
  }
  return { value, ...ofSession, method: METHOD };
}

/** The same at each of the pulse's counts, with the mean payload of each cohort. */
export function staleMemoryOverTime({ scenario, pulse, overheadBytes }: Finished): (number | null)[] {
  const sessionBytes = meanSessionBytes(scenario, overheadBytes);
  if (sessionBytes.includes(null)) return pulse.staleOf.map(() => null);
  return pulse.staleOf.map((staleOf) => staleOf.reduce((sum, stale, i) => sum + stale * sessionBytes[i]!, 0));
}

/** What a session of each cohort takes, with its mean payload; `null` where the server did not tell. */
export function meanSessionBytes({ cohorts }: Scenario, overheadBytes: readonly (number | null)[]): (number | null)[] {
  return cohorts.map(({ payloadBytes }, i) => {
    const overhead = overheadBytes[i]!;
    return overhead === null ? null : overhead + mean(payloadBytes);
  });
}
