import { compare } from '../result/thresholds.ts';
import type { Cohort, Scenario, Threshold } from '../scenario/scenario.ts';
import type { StoreName } from '../scenario/store.ts';
import type { CohortForecast, Forecast } from './forecast.ts';

/** Of the machine's memory that server and harness may take together. */
export const MEMORY_SHARE = 0.8;

/**
 * What of a scenario cannot work, or will not tell what it seems to ask.
 *
 * @param machineBytes memory of the machine
 */
export function warningsOf(scenario: Scenario, forecast: Forecast, machineBytes: number): string[] {
  return [
    ...scenario.cohorts.flatMap(({ name }) => dueWarnings(name, forecast)),
    ...(forecast.totals.due === 0
      ? [`no session falls due in the ${seconds(runMsOf(forecast))} to the cut-off: use shorter TTLs, or a longer run`]
      : []),
    ...scenario.thresholds.flatMap((threshold) => thresholdWarnings(threshold, scenario, forecast)),
    ...scenario.cohorts.flatMap(storeWarnings),
    ...memoryWarnings(forecast, machineBytes),
  ];
}

/** A cohort of which nobody falls due is background; one of which a part does is more often a run that is too short. */
function dueWarnings(name: string, { cohorts, ...forecast }: Forecast): string[] {
  const { sessions, due, loggedOut } = cohorts[name]!;
  if (sessions === 0) return [`${name}: no session arrives in the ${seconds(forecast.durationMs)} of the measurement`];
  const share = due / Math.max(1, sessions - loggedOut);
  if (due === 0 || share >= 0.5) return [];
  const percent = share < 0.001 ? 'less than 0.1' : (share * 100).toFixed(1);
  return [
    `${name}: only ${percent}% fall due before the cut-off, at ${seconds(runMsOf({ cohorts, ...forecast }))}; a longer run or cutoff sees more of them end`,
  ];
}

function thresholdWarnings(threshold: Threshold, scenario: Scenario, forecast: Forecast): string[] {
  const { metric, cohort, expression, operator, bound } = threshold;
  const written = `threshold ${cohort === null ? metric : `${metric}{cohort:${cohort}}`} ${expression}`;
  const of: CohortForecast = cohort === null ? forecast.totals : forecast.cohorts[cohort]!;
  if (metric.startsWith('expiry_lag')) {
    return of.due > 0 ? [] : [`${written} cannot be met: no session falls due before the cut-off`];
  }
  const cause = whyNever(metric, cohort, scenario, of);
  if (cause === null) return [];
  return [`${written} ${compare(0, operator, bound) ? 'always holds' : 'cannot be met'}: ${cause}`];
}

/** Why an outcome cannot come about; `null` when it can. */
function whyNever(
  metric: string,
  name: string | null,
  { cohorts, server }: Scenario,
  of: CohortForecast,
): string | null {
  const concerned = cohorts.filter((cohort) => name === null || cohort.name === name);
  switch (metric) {
    case 'expired':
    case 'stale':
      return of.due > 0 ? null : 'no session falls due before the cut-off';
    case 'logged_out':
      return concerned.some(({ logout }) => logout > 0) ? null : 'nobody logs out';
    case 'resurrected':
      return concerned.some(({ refresh }) => refresh.kind === 'rewrite')
        ? null
        : 'only a rewrite brings a session back';
    case 'evicted_early':
    case 'evicted_stale':
      return mayEvict(server) ? null : 'the server of these settings evicts nothing';
    default:
      return null;
  }
}

/** Without settings the server may be one of somebody's own, of which nothing is known. */
function mayEvict(server: Scenario['server']): boolean {
  if (Object.keys(server).length === 0) return true;
  const { maxmemory = '0', 'maxmemory-policy': policy = 'noeviction' } = server;
  return maxmemory !== '0' && policy !== 'noeviction';
}

/** Stores that keep more than one string for a session, or something else. */
const NO_STRING: readonly StoreName[] = ['hash', 'hash-field', 'better-auth', 'spring-indexed', 'expiry-index'];

function storeWarnings({ name, store }: Cohort): string[] {
  if (!NO_STRING.includes(store.name)) return [];
  return [`${name}: memory is reckoned as if a session were one string; ${store.name} keeps it otherwise`];
}

function memoryWarnings({ peakServerBytes, harnessBytes }: Forecast, machineBytes: number): string[] {
  const needed = peakServerBytes + harnessBytes;
  if (needed <= MEMORY_SHARE * machineBytes) return [];
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
  return [
    `server and harness take ${gigabytes(needed)} on one machine, and this one has ${gigabytes(machineBytes)}: use another machine for the server, fewer sessions or smaller payloads`,
  ];
}

function runMsOf({ durationMs, cutoffMs }: Forecast): number {
  return durationMs + cutoffMs;
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(4))} s`;
}
