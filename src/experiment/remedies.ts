import { forecast } from '../forecast/forecast.ts';
import type { Scenario, Threshold } from '../scenario/scenario.ts';
import { isOfEviction, isOfLateness } from './goal-kinds.ts';
import { harmsOf, worseHarms } from './harms.ts';
import { type Settings, sameSettings } from './settings.ts';
import type { TunedRun } from './tune-file.ts';

type Measured = TunedRun & { state: 'measured' };

/** Engines whose fields of hashes have TTLs of their own, in an index that is ordered by time, and since when. */
const FIELD_TTL: Readonly<Record<string, [number, number]>> = { redis: [7, 4], valkey: [9, 0] };

/**
 * What would bring goals nearer that no settings met: not settings of the server, but what it is asked to do, or with how
 * much.
 *
 * @param nearest settings that came nearest
 * @param runs of the search
 */
export function remediesFor(
  { scenario, short }: { scenario: Scenario; short: Scenario },
  nearest: Settings,
  runs: readonly TunedRun[],
): string[] {
  const measured = runs.filter(
    (run): run is Measured => run.state === 'measured' && sameSettings(run.settings, nearest),
  );
  const best = measured.findLast(({ length }) => length === 'full') ?? measured.at(-1);
  if (!best) return [];
  const missed = scenario.thresholds.flatMap((goal, i) => (best.goals[i]!.met ? [] : [{ goal, i }]));
  const late = missed.filter(({ goal }) => isOfLateness(goal));
  const evicted = missed.filter(({ goal }) => isOfEviction(goal));
  return [
    ...(late.length > 0 ? remediesOfLateness(scenario, best, late) : []),
    ...(evicted.length > 0 ? [moreMemory(scenario)] : []),
    ...priceOf(scenario, best, runs),
    ...(isMisjudged(measured, scenario, short)
      ? ['short runs met the goals and full ones did not: search with longer ones, --short 100%']
      : []),
  ];
}

function remediesOfLateness(
  scenario: Scenario,
  { result, goals }: Measured,
  late: readonly { goal: Threshold; i: number }[],
): string[] {
  const { engine, version } = result.server;
  const since = FIELD_TTL[engine];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const hasFieldTtl = since !== undefined && (major > since[0] || (major === since[0] && minor >= since[1]));
  const periodSeconds = 1 / (result.server.effectiveHz ?? Number.POSITIVE_INFINITY);
  const most = Math.min(...late.map(({ goal, i }) => mostKeys(scenario, goal, goals[i]!.value, periodSeconds)));
  return [
    'an index of deadlines, swept by the application: a sorted set of the sessions by their deadlines, beside the ' +
      'keys; what is due is read from it every few ms and touched, which makes the server expire it, however many ' +
      'other keys there are (the store expiry-index keeps such a set)',
    ...(most > 0 && Number.isFinite(most)
      ? [
          `fewer keys with a TTL on this server: the lag grows in proportion to their number, so that under ` +
            `these settings about ${most.toLocaleString('en-US')} at most would do`,
        ]
      : []),
    hasFieldTtl
      ? 'sessions as fields of a hash, each with a TTL of its own (HPEXPIRE): the server keeps an index of these by time'
      : 'a server with TTLs of hash fields (Redis 7.4, Valkey 9): it keeps an index of these by time',
  ];
}

/**
 * The cursor of the cycle comes by all keys with a TTL in turn, so that a lag grows with their number, beyond the wait for
 * the next cycle. 0 where that wait alone is too long; infinite where the goal is no lag, or nothing is known.
 */
function mostKeys(
  scenario: Scenario,
  { metric, bound }: Threshold,
  value: Measured['goals'][number]['value'],
  periodSeconds: number,
): number {
  const lag = typeof value === 'number' ? value : (value?.beyond ?? 0);
  if (!metric.startsWith('expiry_lag') || lag <= bound) return Number.POSITIVE_INFINITY;
  if (bound <= periodSeconds) return 0;
  const share = (bound - periodSeconds) / (lag - periodSeconds);
  const keys = forecast(scenario).totals.peakAlive * share;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(keys)) - 1);
  return Math.floor(keys / step) * step;
}

/** For all sessions that are alive at once, and what the server takes without them. */
function moreMemory(scenario: Scenario): string {
  const { peakServerBytes, totals } = forecast(scenario);
  return (
    `more memory, or fewer sessions on this server: the ${totals.peakAlive.toLocaleString('en-US')} that are alive at ` +
    `once take about ${Math.ceil(peakServerBytes / 1e6)} MB beside what the server takes without them`
  );
}

/** Goals that are met at the price of harm of which none speaks. */
function priceOf({ thresholds }: Scenario, { result, length, goals }: Measured, runs: readonly TunedRun[]): string[] {
  const present = runs.find((run): run is Measured => {
    return run.state === 'measured' && run.length === length && Object.keys(run.settings).length === 0;
  });
  if (!present || !goals.every(({ met }) => met)) return [];
  const [harms, before] = [harmsOf(result, thresholds), harmsOf(present.result, thresholds)];
  return worseHarms(harms, before).map(
    (kind) =>
      `to pay for it: the goals are met, but ${kind} grows from ${before[kind]} to ${harms[kind]} sessions; if that may ` +
      `be, say so with a goal of its own: --goal "${kind}<=${harms[kind]}"`,
  );
}

function isMisjudged(measured: readonly Measured[], scenario: Scenario, short: Scenario): boolean {
  const met = (length: TunedRun['length']): boolean[] =>
    measured.filter((run) => run.length === length).map(({ goals }) => goals.every(({ met }) => met));
  return short !== scenario && met('short').includes(true) && met('full').includes(false);
}
