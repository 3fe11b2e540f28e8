import { type Harms, worseHarms } from './harms.ts';
import { differBeyondSpread, type Spread, spreadOf } from './spread.ts';

/** What a run says of the settings that it had, as far as a search depends on it. */
export interface Measured {
  /** Of the search: 1 for the first. */
  run: number;
  /** Of each goal: 0 where it is met, else how far it is from that, as the logarithm of a ratio. */
  shortfalls: readonly number[];
  harms: Harms;
  /** Of the server; `null`: it does not tell. */
  cpuSeconds: number | null;
  peakMemoryBytes: number | null;
}

/**
 * How far a run is from what is asked, 0 where it has it all: its goals, and no harm, of which no goal speaks, beyond
 * what the present settings do in `present`.
 */
export function shortfallOf({ shortfalls, harms }: Measured, present: Measured): number {
  const goals = shortfalls.reduce((sum, shortfall) => sum + shortfall, 0);
  return worseHarms(harms, present.harms).reduce((sum, kind) => {
    return sum + Math.log((harms[kind]! + 1) / ((present.harms[kind] ?? 0) + 1));
  }, goals);
}

/** What settings cost, by runs under them: CPU counts first, then memory, then how many of them are changed. */
export interface Cost {
  cpu: Spread | null;
  memory: Spread | null;
  changes: number;
}

export function costOf(runs: readonly Measured[], changes: number): Cost {
  return {
    cpu: spreadOf(runs.map(({ cpuSeconds }) => cpuSeconds)),
    memory: spreadOf(runs.map(({ peakMemoryBytes }) => peakMemoryBytes)),
    changes,
  };
}

/**
 * The cheapest: of those whose CPU is no more than the least's beyond the spread, those whose memory is no more than the
 * least's of them, of these the ones with the fewest changes, of these the first with the least median of CPU.
 */
export function cheapest<T extends { cost: Cost }>(all: readonly T[]): T | null {
  const [first] = fewestChanges(within(within(all, 'cpu'), 'memory')).sort(
    ({ cost: one }, { cost: other }) => medianOf(one.cpu) - medianOf(other.cpu),
  );
  return first ?? null;
}

/** Those that do not differ from the least beyond the spread. What is not known differs from nothing. */
function within<T extends { cost: Cost }>(all: readonly T[], part: 'cpu' | 'memory'): T[] {
  const least = all.reduce<Spread | null>((least, { cost }) => {
    const spread = cost[part];
    return spread !== null && (least === null || medianOf(spread) < medianOf(least)) ? spread : least;
  }, null);
  return all.filter(({ cost }) => {
    const spread = cost[part];
    return spread === null || least === null || differBeyondSpread(least, spread) >= 0;
  });
}

function fewestChanges<T extends { cost: Cost }>(all: readonly T[]): T[] {
  const fewest = Math.min(...all.map(({ cost }) => cost.changes));
  return all.filter(({ cost }) => cost.changes === fewest);
}

function medianOf(spread: Spread | null): number {
  return spread !== null && typeof spread.median === 'number' ? spread.median : Number.POSITIVE_INFINITY;
}

/**
 * A single run's cost with a spread that it does not have by itself: that of the runs under the present settings, in
 * proportion.
 */
export function costOfOne(run: Measured, changes: number, present: readonly Measured[]): Cost {
  const widened = (of: (run: Measured) => number | null): Spread | null => {
    const value = of(run);
    if (value === null) return null;
    const values = present.flatMap((each) => of(each) ?? []);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const half = values.length < 2 || least + most === 0 ? 0 : (value * (most - least)) / (most + least);
    return { median: value, min: value - half, max: value + half, runs: 1 };
  };
  return { cpu: widened(({ cpuSeconds }) => cpuSeconds), memory: widened((each) => each.peakMemoryBytes), changes };
}
