import type { Ledger } from '../ledger/ledger.ts';
import { Tally } from '../ledger/tally.ts';
import { LAG_BOUNDS_US } from '../result/lag-bounds.ts';
import type { Result } from '../result/schema.ts';

type CohortSamples = Result['series']['cohorts'][string];
type Delivered = CohortSamples['delivered']['cycle'];
type LagQuantiles = Result['series']['lagQuantiles'];

/** Of a processor's time, for quantiles: those of large runs are told less often. */
const QUANTILE_SHARE = 0.005;

/** A run over time by cohort, in the rows of the pulse's series; and the lag of all, the stale censored. */
export class CohortSeries {
  readonly samples: readonly CohortSamples[];
  readonly lagQuantiles: LagQuantiles = { row: [], p50: [], p90: [], p99: [] };
  /** Delivered so far by bound, of each cohort and cause. */
  readonly #delivered: { cycle: number[]; command: number[] }[];
  #quantilesAgainAt = 0;

  constructor(cohorts: number) {
    const none = (): number[] => new Array(LAG_BOUNDS_US.length + 1).fill(0);
    this.#delivered = Array.from({ length: cohorts }, () => ({ cycle: none(), command: none() }));
    this.samples = this.#delivered.map(() => ({
      attempted: [],
      due: [],
      live: [],
      stale: [],
      oldestStaleSeconds: [],
      expired: [],
      evictedEarly: [],
      evictedStale: [],
      delivered: { cycle: { row: [], bound: [], count: [] }, command: { row: [], bound: [], count: [] } },
    }));
  }

  /** Takes a sample as of the ledger's latest fence. */
  sample({ tallies, deadlines }: Ledger, row: number): void {
    for (const [i, tally] of tallies.entries()) {
      const samples = this.samples[i]!;
      const { present, stale, oldestMs } = deadlines.of(i);
      samples.attempted.push(tally.counts.attempted);
      samples.due.push(Math.max(samples.due.at(-1) ?? 0, tally.dueAndEnded + stale));
      samples.live.push(present - stale);
      samples.stale.push(stale);
      samples.oldestStaleSeconds.push(oldestMs === null ? 0 : Math.max(0, deadlines.nowMs - oldestMs) / 1000);
      samples.expired.push(tally.outcomes.expired);
      samples.evictedEarly.push(tally.outcomes.evicted_early);
      samples.evictedStale.push(tally.outcomes.evicted_stale);
      for (const cause of ['cycle', 'command'] as const) {
        const histogram = tally.lag[cause];
        const upTo = [...histogram.cumulative(LAG_BOUNDS_US).counts, histogram.count];
        const before = this.#delivered[i]![cause];
        const now = upTo.map((count, bound) => count - (upTo[bound - 1] ?? 0));
        noteDelivered(samples.delivered[cause], row, before, now);
        this.#delivered[i]![cause] = now;
      }
    }
    this.#sampleQuantiles(tallies, deadlines, row);
  }

  #sampleQuantiles(tallies: Ledger['tallies'], deadlines: Ledger['deadlines'], row: number): void {
    const began = performance.now();
    if (began < this.#quantilesAgainAt) return;
    const whole = new Tally();
    for (const [i, tally] of tallies.entries()) whole.add(tally.asOfNow(deadlines, i));
    const { p50, p90, p99, horizon } = whole.expiryLag();
    if (horizon !== null) {
      this.lagQuantiles.row.push(row);
      this.lagQuantiles.p50.push(p50);
      this.lagQuantiles.p90.push(p90);
      this.lagQuantiles.p99.push(p99);
    }
    this.#quantilesAgainAt = began + (performance.now() - began) / QUANTILE_SHARE;
  }
}

function noteDelivered(delivered: Delivered, row: number, before: readonly number[], now: readonly number[]): void {
  for (const [bound, count] of now.entries()) {
    if (count === before[bound]) continue;
    delivered.row.push(row);
    delivered.bound.push(bound);
    delivered.count.push(count - before[bound]!);
  }
}
