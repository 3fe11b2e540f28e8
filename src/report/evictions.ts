import { LagHistogram } from '../ledger/lag-histogram.ts';
import type { Result, TallyResult } from '../result/schema.ts';
import { formatBytes, formatCount, formatLag } from './precision.ts';

/** How lately a session was used that is called active: the longest that is at most a quarter of the measurement. */
const RECENTLY = [
  { seconds: 60, words: 'the last minute' },
  { seconds: 10, words: 'the last 10 s' },
  { seconds: 1, words: 'the last second' },
] as const;

/** What eviction did, in a sentence: whom it logged out, and what was dead in memory meanwhile; `null`: nothing. */
export function evictionFinding(result: Result): string | null {
  const { totals, server } = result;
  const early = totals.outcomes.evicted_early;
  if (early === 0) return null;
  const policy = server.settings['maxmemory-policy'] ?? 'the server';
  const { seconds, words } = recently(result);
  const active = formatCount(activeWithin(totals, seconds));
  const live = `${formatCount(early)} live ${early === 1 ? 'session' : 'sessions'}`;
  const { dead, bytes } = deadMeanwhile(result);
  const holding = bytes === null ? '' : `, holding ${formatBytes(bytes)}`;
  const meanwhile = dead === 0 ? '' : `, while ${formatCount(dead)} dead ones were in memory${holding}`;
  return `${policy} evicted ${live}, ${active} of them active in ${words}${meanwhile}: users logged out early.`;
}

interface EvictionTable {
  header: readonly string[];
  rows: readonly (readonly string[])[];
  note: string;
}

/** The evictions of each cohort; `null`: there were none. */
export function evictionTable(result: Result, tallies: readonly [string, TallyResult][]): EvictionTable | null {
  const { seconds, words } = recently(result);
  const evicted = tallies.filter(([, { outcomes }]) => outcomes.evicted_early + outcomes.evicted_stale > 0);
  if (evicted.length === 0) return null;
  const errorMs = (result.instrument.deliveryDelaySeconds.p99 ?? 0) * 1000;
  const at = (value: number | null): string => (value === null ? '-' : formatLag(value, errorMs));
  const rows = evicted.map(([name, tally]) => [
    name,
    formatCount(tally.outcomes.evicted_early),
    formatCount(activeWithin(tally, seconds)),
    at(tally.evictions.remainingTtlSeconds.p50),
    at(tally.evictions.idleSeconds.p50),
    at(tally.evictions.ageSeconds.p50),
    formatCount(tally.outcomes.evicted_stale),
    formatCount(tally.evictedAmbiguous),
  ]);
  const header = ['cohort', 'early', 'active', 'TTL left', 'idle', 'age', 'stale', 'ambiguous'];
  const note = `active: of the early ones, a request or the login in ${words}; TTL left, idle, age: their medians, idle where the last request was in the measurement; ambiguous: within the errors of the deadline`;
  return { header, rows, note };
}

function recently({ scenario }: Result): (typeof RECENTLY)[number] {
  const quarter = Number(scenario.durationMs) / 1000 / 4;
  return RECENTLY.find(({ seconds }) => seconds <= quarter) ?? RECENTLY.at(-1)!;
}

function activeWithin({ histograms }: TallyResult, seconds: number): number {
  const { hdr, ...exact } = histograms.idle;
  const recent = LagHistogram.decode(hdr, exact)
    .buckets()
    .filter(({ valueUs }) => valueUs <= seconds * 1e6);
  return recent.reduce((sum, { count }) => sum + count, 0);
}

/** Dead sessions in memory when an early eviction came, on average over these evictions. */
function deadMeanwhile({ series }: Result): { dead: number; bytes: number | null } {
  const { evictedEarly, stale, staleMemoryBytes } = series;
  let evicted = 0;
  let dead = 0;
  let bytes = 0 as number | null;
  for (const [i, total] of evictedEarly.entries()) {
    const since = total - (evictedEarly[i - 1] ?? 0);
    evicted += since;
    dead += since * stale[i]!;
    const held = staleMemoryBytes[i]!;
    bytes = bytes === null || held === null ? null : bytes + since * held;
  }
  if (evicted === 0) return { dead: 0, bytes: null };
  return { dead: Math.round(dead / evicted), bytes: bytes === null ? null : bytes / evicted };
}
