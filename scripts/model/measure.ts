import { type ExpiryLag, mergeTallies } from '../../src/ledger/tally.ts';
import { bucketKeysOf, type CycleCosts, type ExpiryPrediction, predictExpiry } from '../../src/model/expire-cycle.ts';
import type { Result, TallyResult } from '../../src/result/schema.ts';
import { type RunOptions, run } from '../../src/run/run.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { type Cell, nameOf, TTL_SECONDS } from './cells.ts';
import { burstScenario, steadyScenario } from './scenarios.ts';

/** A figure of a cell, measured and predicted. */
export interface Row {
  cell: string;
  what: string;
  measured: number;
  predicted: number;
}

const LONGEST_FOLLOWED_SECONDS = 60;
/** Fences of a run, and reads of its canaries. */
const HARNESS_PER_SECOND = 20 + 12;
const ATTEMPTS = 3;

/** @throws {Error} where the machine was too busy for a valid run, three times */
export async function measure(cell: Cell, server: RunOptions): Promise<Row[]> {
  const expected = predict(cell, 1);
  const followed = Math.min(LONGEST_FOLLOWED_SECONDS, 1.3 * expected.p99Seconds + 2);
  const results: Result[] = [];
  if (cell.burst > 0) {
    while (results.length < cell.runs) {
      // A run starts when the server has answered, and that was after a cycle: each burst falls on another phase of the next.
      const ttlSeconds = TTL_SECONDS + (results.length + 0.5) / cell.runs / cell.hz;
      results.push(await validRun(cell, burstScenario(cell, ttlSeconds, followed), server));
    }
  } else {
    const scenario = steadyScenario(cell, expected.sweepSeconds, followed);
    const runs = Array.from({ length: cell.runs }, () => validRun(cell, scenario, server));
    results.push(...(await Promise.all(runs)));
  }
  const due = results.map(({ cohorts }) => cohorts.due!);
  const { p50, p99, delivered, censored } = cell.burst > 0 ? middle(due) : mergeTallies(due).expiryLagCycleOnlySeconds;
  const { engine, version } = results[0]!.server;
  const costs = expected.isBudgetBound ? costsOf(results) : undefined;
  const { p50Seconds, p99Seconds, shareWithin } = predict(cell, bucketKeysOf(engine, version), costs);
  const row = (what: string, measured: number, predicted: number): Row => {
    return { cell: nameOf(cell), what, measured, predicted };
  };
  if (p50 !== null && p99 !== null) return [row('p50, s', p50, p50Seconds), row('p99, s', p99, p99Seconds)];
  const share = row(`share in ${followed.toFixed(0)} s`, delivered / (delivered + censored), shareWithin(followed));
  return p50 === null ? [share] : [row('p50, s', p50, p50Seconds), share];
}

/** Of several bursts the middle one's figures, as each depends on how far its first cycles happened to go. */
function middle(tallies: readonly TallyResult[]): Pick<ExpiryLag, 'p50' | 'p99' | 'delivered' | 'censored'> {
  const lags = tallies.map(({ expiryLagCycleOnlySeconds }) => expiryLagCycleOnlySeconds);
  const of = (name: 'p50' | 'p99'): number | null => {
    const value = lags.map((lag) => lag[name] ?? Infinity).sort((a, b) => a - b)[Math.floor(lags.length / 2)]!;
    return value === Infinity ? null : value;
  };
  const sum = (name: 'delivered' | 'censored'): number => lags.reduce((total, lag) => total + lag[name], 0);
  return { p50: of('p50'), p99: of('p99'), delivered: sum('delivered'), censored: sum('censored') };
}

function predict(
  { live, perSecond, burst, hz, effort }: Cell,
  bucketKeys: number,
  costs?: CycleCosts,
): ExpiryPrediction {
  const liveKeys = live + perSecond * TTL_SECONDS;
  const wakesPerSecond = perSecond + HARNESS_PER_SECOND;
  return predictExpiry({ liveKeys, duePerSecond: perSecond, burst, wakesPerSecond }, { hz, effort, bucketKeys }, costs);
}

/** What a deletion cost this server on this machine. */
function costsOf(results: readonly Result[]): CycleCosts {
  const sum = (what: 'expireCycleCpuSeconds' | 'expiredKeys'): number =>
    results.reduce((total, { serverUse }) => total + (serverUse?.[what] ?? Number.NaN), 0);
  return { visitUs: 0, deletionUs: (sum('expireCycleCpuSeconds') / sum('expiredKeys')) * 1e6 };
}

async function validRun(cell: Cell, scenario: Scenario, server: RunOptions): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    const result = await run(scenario, server);
    if (result.verdict.state === 'valid') return result;
    const why = `${nameOf(cell)}: ${result.verdict.reasons.join('; ')}`;
    if (attempt === ATTEMPTS) throw new Error(why);
    process.stderr.write(`${why}; again\n`);
  }
}
