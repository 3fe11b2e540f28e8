import { resolve as resolvePath } from 'node:path';
import type { z } from 'zod';
import { oneInAMillion } from './distribution.ts';
import {
  DAY_MS,
  LARGEST_PAYLOAD_BYTES,
  LONGEST_RUN_MS,
  LONGEST_TTL_MS,
  MOST_COHORTS,
  MOST_SESSIONS,
} from './limits.ts';
import { Rate } from './rate.ts';
import { knotsOf } from './rate-shape.ts';
import type { Cohort, Population, Refresh, Scenario, SweepPlan, Threshold } from './scenario.ts';
import { NO_REFRESH, refreshesOf } from './store.ts';
import { parseExpression, parseMetric } from './threshold.ts';
import { checkTrace } from './trace-check.ts';
import { TraceError } from './trace-file.ts';
import { type Readable, readablePart, type WrittenCohort, writtenScenario } from './written.ts';

/** A fault and the keys that lead to it. */
export interface Fault {
  path: (string | number)[];
  message: string;
}

/** What the harness sets by itself. */
const OWN_SETTINGS = [
  'port',
  'bind',
  'unixsocket',
  'dir',
  'daemonize',
  'requirepass',
  'notify-keyspace-events',
  'cluster-enabled',
  'include',
];

/** Modules have settings with dots and underscores. */
const SETTING_NAME = /^[a-z][a-z\d._-]*$/;

const LEDGER_CARRIES = `${LONGEST_TTL_MS / DAY_MS} days, the longest that the ledger carries`;
/** Of cohorts: named in a table's last line, and by JavaScript. */
const RESERVED_NAMES = ['all', '__proto__'];

/**
 * Checks what was written and fills in the defaults; a list of faults when it cannot be run.
 *
 * @param folder where the files lie that it names
 */
export function resolve(
  written: unknown,
  defaultName: string,
  folder: string,
): { scenario: Scenario; sweep: SweepPlan | null } | { faults: Fault[] } {
  const parsed = writtenScenario.safeParse(written);
  const faults = parsed.success ? [] : parsed.error.issues.flatMap((issue) => faultsOf(issue, written));
  const readable = readablePart(written);
  const cohorts = resolveCohorts(readable, folder, faults);
  const settings = [
    ...readable.settings.map((name) => ['server', name]),
    ...readable.swept.map((name) => ['sweep', 'over', name]),
  ];
  for (const path of settings) {
    const name = path.at(-1)!;
    if (!SETTING_NAME.test(name))
      faults.push({ path, message: `"${name}" is not a name of a setting; use one such as hz` });
    if (OWN_SETTINGS.includes(name)) faults.push({ path, message: 'is set by ttlscope itself' });
  }
  if ((readable.duration ?? 0) + (readable.cutoff ?? 0) > LONGEST_RUN_MS) {
    const message = `makes a run of more than ${LONGEST_RUN_MS / DAY_MS} days, cutoff included`;
    faults.push({ path: ['duration'], message });
  }
  const thresholds = resolveThresholds(readable, faults);
  if (!parsed.success || faults.length > 0) return { faults };
  const { name = defaultName, seed, duration, cutoff, server, sweep: swept } = parsed.data;
  const slowSubscribers = parsed.data['slow-subscribers'];
  const sweep = swept
    ? { over: Object.entries(swept.over).map(([setting, values]) => ({ setting, values })), repeats: swept.repeats }
    : null;
  return {
    scenario: { name, seed, durationMs: duration, cutoffMs: cutoff, server, slowSubscribers, thresholds, cohorts },
    sweep,
  };
}

function resolveCohorts(readable: Readable, folder: string, faults: Fault[]): Cohort[] {
  const { duration = 0, names } = readable;
  const fault = (message: string): void => {
    faults.push({ path: ['cohorts'], message });
  };
  const cohorts = Object.entries(readable.cohorts).map(([name, cohort]) =>
    resolveCohort(name, cohort, duration, folder, faults),
  );
  for (const name of names.filter((name) => RESERVED_NAMES.includes(name))) {
    faults.push({ path: ['cohorts', name], message: `"${name}" has a meaning of its own; use another name` });
  }
  if (names.length === 0 && faults.length === 0) fault('is empty; name at least one cohort');
  if (names.length > MOST_COHORTS) fault(`has more than ${MOST_COHORTS} cohorts`);
  const sessions = cohorts.reduce((sum, { population }) => {
    return sum + (population.kind === 'arriving' ? new Rate(population.rate, duration).total : population.sessions);
  }, 0);
  if (sessions > MOST_SESSIONS) fault(`makes ${Math.round(sessions)} sessions; at most ${MOST_SESSIONS} fit`);
  return cohorts;
}

function resolveCohort(
  name: string,
  written: WrittenCohort,
  duration: number,
  folder: string,
  faults: Fault[],
): Cohort {
  const fault = (key: string, message: string): void => {
    faults.push({ path: key === '' ? ['cohorts', name] : ['cohorts', name, key], message });
  };
  const { sessions, arrivals, ttl, jitter, payload, content, users, activity, store, logout } = written;
  const ofTrace = arrivals?.kind === 'trace';
  if ((sessions === undefined) === (arrivals === undefined)) {
    fault('', 'needs either sessions (filled before the measurement) or arrivals (during it)');
  }
  if (ttl === undefined) {
    if (!ofTrace) fault('ttl', 'is missing');
  } else if (ttl.kind === 'together') {
    if (ofTrace) fault('ttl', 'is one deadline for all; the sessions of a trace have their own, so use a TTL');
    if (arrivals && ttl.value * (1 - jitter) <= duration)
      fault(
        'ttl',
        `${ttl.value / 1000} s is a deadline that some arrive after; it must be longer than the duration, ${duration / 1000} s`,
      );
    if (ttl.value * (1 + jitter) > LONGEST_TTL_MS) fault('ttl', `is longer than ${LEDGER_CARRIES} from the start`);
  } else if (oneInAMillion(ttl) * (1 + jitter) + duration > LONGEST_TTL_MS) {
    const longest = `${Number(((oneInAMillion(ttl) * (1 + jitter)) / DAY_MS).toPrecision(3))} days`;
    const which = ttl.kind === 'fixed' ? longest : `a TTL of ${longest}, more than once in a million,`;
    fault('ttl', `${which} and the duration together exceed ${LEDGER_CARRIES}`);
  }
  const largest = oneInAMillion(payload);
  if (largest > LARGEST_PAYLOAD_BYTES) {
    const which = payload.kind === 'fixed' ? 'is' : 'has, more than once in a million, one of';
    fault('payload', `${which} ${mebibytes(largest)}; at most ${mebibytes(LARGEST_PAYLOAD_BYTES)} are allowed`);
  }
  if (activity && activity.for === undefined && !ofTrace)
    faults.push({ path: ['cohorts', name, 'activity', 'for'], message: 'is missing' });
  if (logout > 0 && !activity) fault('logout', 'needs an activity: a visitor logs out at the end of the visit');
  const refresh = resolveRefresh(written, fault);
  return {
    name,
    population: resolvePopulation(name, written, duration, folder, faults),
    ttlMs: ttl ?? null,
    jitter,
    payloadBytes: payload,
    content,
    users: users ?? null,
    activity: activity ? { intervalMs: activity.every, lengthMs: activity.for ?? null } : null,
    store,
    refresh,
    logout,
  };
}

const mebibytes = (bytes: number): string => `${Number((bytes / 1024 / 1024).toPrecision(3))} MiB`;

function resolvePopulation(
  name: string,
  { sessions = 0, arrivals, ttl, jitter, activity }: WrittenCohort,
  durationMs: number,
  folder: string,
  faults: Fault[],
): Population {
  if (arrivals === undefined) return { kind: 'filled', sessions };
  const place = ['cohorts', name, 'arrivals'];
  if (arrivals.kind !== 'trace') {
    const { knots, faults: misfits } = knotsOf(arrivals, durationMs);
    // Without a duration nothing fits, and that it is missing is told already.
    if (durationMs > 0) faults.push(...misfits.map(({ path, message }) => ({ path: [...place, ...path], message })));
    return { kind: 'arriving', rate: knots, process: arrivals.process };
  }
  const file = resolvePath(folder, arrivals.file);
  const needs = {
    durationMs,
    longestTtlMs: (LONGEST_TTL_MS - durationMs) / (1 + jitter),
    needsTtl: ttl === undefined,
    activity:
      activity === undefined
        ? ('none' as const)
        : activity.for === undefined
          ? ('needed' as const)
          : ('optional' as const),
  };
  try {
    const found = checkTrace(file, needs);
    if (found === 0 && durationMs > 0) {
      faults.push({ path: [...place, 'trace'], message: `${file} has no arrival before the end of the duration` });
    }
    return { kind: 'trace', file, sessions: found };
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    faults.push({ path: [...place, 'trace'], message: error.message });
    return { kind: 'trace', file, sessions: 0 };
  }
}

/** What was written, else what the store does; without activity there is no request that could refresh. */
function resolveRefresh(written: WrittenCohort, fault: (key: string, message: string) => void): Refresh {
  const { store, activity, refresh: kind, 'renew-below': renewBelow } = written;
  const { has, usual } = refreshesOf(store);
  if (kind !== undefined && kind !== 'none') {
    if (!activity) fault('refresh', 'needs an activity: it is requests that refresh');
    if (!has.includes(kind))
      fault('refresh', `${kind} is not what ${store.name} does; use ${[...has, 'none'].join(' or ')}`);
  }
  const resolved = kind === undefined ? (activity ? usual : NO_REFRESH) : { kind, renewBelow: null };
  if (renewBelow !== undefined && resolved.kind === 'none')
    fault('renew-below', `needs a refresh; use ${has.join(' or ')}`);
  return { kind: resolved.kind, renewBelow: renewBelow ?? resolved.renewBelow };
}

function resolveThresholds({ thresholds, names }: Readable, faults: Fault[]): Threshold[] {
  const unknown = new Set<string>();
  return thresholds.flatMap(([key, i, expression]) => {
    const metric = parseMetric(key, names);
    if (typeof metric === 'string') {
      if (!unknown.has(key)) faults.push({ path: ['thresholds', key], message: `"${key}" ${metric}` });
      unknown.add(key);
      return [];
    }
    const parsed = parseExpression(metric.metric, expression);
    if (typeof parsed !== 'string') return [{ ...metric, ...parsed }];
    faults.push({ path: ['thresholds', key, i], message: `"${expression}" ${parsed}` });
    return [];
  });
}

/** Of a union's alternatives the one that was meant is that whose keys were written. */
function faultsOf(issue: z.core.$ZodIssue, written: unknown): Fault[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ path: [...path, key], message: messages[i]! }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors
      .filter((alternative) => isMeant(alternative, valueAt(written, path)))
      .flatMap((alternative) => alternative.filter(({ code }) => code !== 'custom' || alternative.length === 1));
    if (meant.length > 0)
      return meant.flatMap((inner) => faultsOf({ ...inner, path: [...path, ...inner.path] }, written));
  }
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({ path, message: `"${path.at(-1)}" ${message}` }));
  const value = valueAt(written, path);
  if (value === null && path.length === 0) return [{ path, message: 'is empty; it needs a duration and cohorts' }];
  if (value === undefined) return [{ path, message: 'is missing' }];
  return [{ path, message: `${asWritten(value)} ${issue.message}` }];
}

/** A mapping with all the keys that the alternative needs, whatever is wrong with their values, or beside them. */
function isMeant(alternative: readonly z.core.$ZodIssue[], value: unknown): boolean {
  return (
    alternative.length > 0 &&
    alternative.every(({ code, path: [key] }) =>
      key === undefined
        ? code === 'unrecognized_keys' || code === 'custom'
        : valueAt(value, [key as string]) !== undefined,
    )
  );
}

function asWritten(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}
