import type { Result } from '../result/schema.ts';

interface Entry {
  name: string;
  unit: string;
  value: number;
  extra?: string;
}

/**
 * Figures of which less is better, as github-action-benchmark reads them (its tool `customSmallerIsBetter`). A lag that was
 * not reached has no value: it is given as the time beyond which it lies, and says so. Of a run that is not valid there is
 * none.
 */
export function renderBenchmark({ verdict, totals, scenario, staleMemoryBytes, serverUse }: Result): string {
  if (verdict.state !== 'valid') return '[]\n';
  const { expiryLagSeconds, outcomes } = totals;
  const { beyond, horizon, ...lag } = expiryLagSeconds;
  const of = String(scenario.name);
  const entries: Entry[] = (['p50', 'p99'] as const).flatMap((quantile) => {
    const name = `${of}: expiry lag ${quantile}`;
    const value = lag[quantile];
    if (value !== null) return [{ name, unit: 's', value }];
    return horizon === null
      ? []
      : [{ name, unit: 's', value: beyond ?? horizon, extra: 'not reached: greater than this' }];
  });
  entries.push(
    { name: `${of}: stale at the cut-off`, unit: 'sessions', value: outcomes.stale },
    { name: `${of}: evicted early`, unit: 'sessions', value: outcomes.evicted_early },
    { name: `${of}: lost`, unit: 'sessions', value: outcomes.lost },
  );
  if (staleMemoryBytes.value !== null) {
    entries.push({ name: `${of}: memory of stale sessions`, unit: 'bytes', value: Math.round(staleMemoryBytes.value) });
  }
  if (serverUse.cpuSeconds !== null) {
    entries.push({ name: `${of}: processor time of the server`, unit: 's', value: serverUse.cpuSeconds });
  }
  return `${JSON.stringify(entries, null, 2)}\n`;
}
