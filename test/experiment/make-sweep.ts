import { FIGURE_NAMES } from '../../src/experiment/figures.ts';
import type { Summary } from '../../src/experiment/objective.ts';
import { type Spread, spreadOf } from '../../src/experiment/spread.ts';
import { summarise, validResults } from '../../src/experiment/summary.ts';
import { type Sweep, type SweptRun, sweepSchema } from '../../src/experiment/sweep-file.ts';
import { Tally } from '../../src/ledger/tally.ts';
import type { Result } from '../../src/result/schema.ts';
import { makeResult } from '../report/make-result.ts';

/** A summary in which nothing but these is known, each of its runs. */
export function makeSummary(known: Partial<Record<keyof Summary, readonly Spread['median'][]>>): Summary {
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, spreadOf(known[name] ?? [])])) as Summary;
}

/** A result whose sessions were all heard, `lagMs` after their deadlines, but for `stale` of them. */
export function resultOf(lagMs: number, stale = 0, changes: Partial<Result> = {}): Result {
  const tally = new Tally();
  tally.counts.attempted = 100 + stale;
  for (let i = 0; i < 100; i++) tally.expired(lagMs, 'cycle');
  for (let i = 0; i < stale; i++) tally.stale(30_000);
  return makeResult({ visitors: tally }, changes);
}

export const measured = (repeat: number, result: Result): SweptRun => ({
  state: 'measured',
  repeat,
  wallSeconds: 3,
  result,
});

/** A complete sweep over hz with these runs of each value. */
export function makeSweep(cells: Readonly<Record<string, readonly SweptRun[]>>, changes: Partial<Sweep> = {}): Sweep {
  return sweepSchema.parse({
    schema: 'ttlscope.sweep/1',
    state: 'complete',
    scenario: { name: 'made', server: {} },
    seed: 1,
    repeats: Math.max(...Object.values(cells).map(({ length }) => length)),
    axes: [{ setting: 'hz', values: Object.keys(cells) }],
    server: { endpoint: null, binary: '/usr/bin/redis-server' },
    startedAt: '2026-01-02T03:04:05.000Z',
    cells: Object.entries(cells).map(([hz, runs]) => ({
      settings: { hz },
      runs,
      figures: summarise(validResults(runs)),
    })),
    ...changes,
  });
}
