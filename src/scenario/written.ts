import { z } from 'zod';
import { duration, positiveDuration, share, strict } from './forms.ts';
import { MOST_SLOW_SUBSCRIBERS, MOST_USERS } from './limits.ts';
import { REFRESH_KINDS, store } from './store.ts';
import { arrivals } from './written-arrivals.ts';
import { payload, time, ttl } from './written-distribution.ts';
import { setting } from './written-setting.ts';
import { sweep } from './written-sweep.ts';

const cohort = strict({
  sessions: z
    .int({ error: 'is not a whole number' })
    .positive({ error: 'is not more than 0' })
    .optional()
    .describe('Filled before the measurement: so many sessions; their TTLs count from its start'),
  arrivals: arrivals
    .optional()
    .describe(
      'Arrive during the measurement: 200/s is a Poisson process; other shapes are ramp, steps, spike and so on',
    ),
  ttl: ttl
    .optional()
    .describe('Time to live; {together: 20s} is one deadline shared by the cohort. With a trace: of lines without one'),
  jitter: share
    .default(0)
    .describe('Multiplies each TTL by a factor drawn evenly from 1 - jitter to 1 + jitter: 10%. (Default: 0)'),
  payload: payload.default({ kind: 'fixed', value: 200 }).describe('Size of a session in bytes. (Default: 200)'),
  content: z
    .enum(['json', 'random'], { error: 'is not known; use json or random' })
    .default('json')
    .describe('Of the payload: JSON that compresses as JSON does, or bytes that do not compress. (Default: json)'),
  users: strict({
    count: z
      .int({ error: 'is not a whole number' })
      .positive({ error: 'is not more than 0' })
      .max(MOST_USERS, { error: `is more than ${MOST_USERS}` })
      .describe('Each session belongs to one of so many users, drawn evenly'),
    zipf: z
      .number({ error: 'is not a number' })
      .nonnegative({ error: 'is below 0' })
      .default(1)
      .describe(
        'Users request at rates that fall with their rank r as r^-zipf; the mean of the rates is that of activity.every. (Default: 1)',
      ),
  })
    .optional()
    .describe(
      'Users with several sessions, some of them busier than others. (Default: each session has a user of its own)',
    ),
  activity: strict({
    every: time.describe('Time between the requests of a visitor: a duration or {exponential: 2s}'),
    for: time.optional().describe('How long a visit lasts. With a trace: of lines without an activity'),
  })
    .optional()
    .describe('Requests of a visitor: each is a read, and a refresh'),
  store,
  refresh: z
    .enum(REFRESH_KINDS, { error: 'is not known; use none, touch, rewrite or getex' })
    .optional()
    .describe(
      'What a request does to the deadline: touch is EXPIRE, rewrite is SET, getex is GETEX, or what the store sends for them. (Default: what the store does; of string: none)',
    ),
  'renew-below': share
    .optional()
    .describe('Refresh only when less than this share of the TTL is left: 50%. (Default: as the store does)'),
  logout: share.default(0).describe('Share of the visitors who log out when they leave. (Default: 0)'),
}).describe('Sessions that arrive, live and refresh alike');

const cohortName = z
  .string()
  .regex(/^[\w.-]{1,40}$/, { error: 'is not a name for a cohort; use up to 40 letters, digits, - _ .' });

const parts = {
  name: z.string({ error: 'is not a name' }).min(1).optional().describe('(Default: the name of the file)'),
  seed: z
    .int({ error: 'is not a whole number' })
    .nonnegative({ error: 'is below 0' })
    .default(1)
    .describe('The same seed, the same plan'),
  duration: positiveDuration.describe('Of the measurement. Needed'),
  cutoff: duration
    .default(0)
    .describe('How long to wait after the load ends before outcomes are judged. (Default: 0s)'),
  server: z
    .record(z.string(), setting, { error: 'is not a mapping of settings' })
    .default({})
    .describe('Settings of the server, as in redis.conf; one that is not embedded is set so only with --allow-config'),
  sweep: sweep.optional(),
  cohorts: z
    .record(cohortName, cohort, {
      error: ({ input }) =>
        input === undefined ? 'is missing; name at least one cohort' : 'is not a mapping of cohorts',
    })
    .describe('Groups of sessions by name'),
  'slow-subscribers': z
    .int({ error: 'is not a whole number' })
    .nonnegative({ error: 'is below 0' })
    .max(MOST_SLOW_SUBSCRIBERS, { error: `is more than ${MOST_SLOW_SUBSCRIBERS}` })
    .default(0)
    .describe(
      'Subscribers to all keyspace notifications that have stopped reading; the server keeps for them what they do not read. (Default: 0)',
    ),
  thresholds: z
    .record(
      z.string(),
      z.array(z.string({ error: 'is not a threshold' }), { error: 'is not a list; use ["p(99)<500ms"]' }),
      { error: 'is not a mapping of metrics' },
    )
    .default({})
    .describe('k6 style: expiry_lag: ["p(99)<500ms"], stale: ["rate<1%"], expiry_lag{cohort:visitors}: ["max<2s"]'),
};

/** What a person writes; parsing it gives durations in ms, sizes in bytes and shares as numbers. */
export const writtenScenario = strict(parts).describe('A scenario of ttlscope');

export type WrittenCohort = z.output<typeof cohort>;

/** What of a scenario can be read, all of it or not, so that as much as can be of what is wrong is found at once. */
export interface Readable {
  duration?: number;
  cutoff?: number;
  settings: string[];
  /** Names of the settings that a sweep varies. */
  swept: string[];
  cohorts: Record<string, WrittenCohort>;
  /** Names of the cohorts, readable or not. */
  names: string[];
  /** Metric, position in its list, expression. */
  thresholds: [string, number, string][];
}

export function readablePart(written: unknown): Readable {
  const raw = asRecord(written);
  const [duration, cutoff] = [parts.duration.safeParse(raw.duration), parts.cutoff.safeParse(raw.cutoff)];
  const cohorts = Object.entries(asRecord(raw.cohorts)).map(
    ([name, value]) => [name, cohort.safeParse(value)] as const,
  );
  return {
    ...(duration.success && { duration: duration.data }),
    ...(cutoff.success && { cutoff: cutoff.data }),
    settings: Object.keys(asRecord(raw.server)),
    swept: Object.keys(asRecord(asRecord(raw.sweep).over)),
    cohorts: Object.fromEntries(cohorts.flatMap(([name, { data }]) => (data === undefined ? [] : [[name, data]]))),
    names: cohorts.map(([name]) => name),
    thresholds: Object.entries(asRecord(raw.thresholds)).flatMap(([metric, list]) =>
      (Array.isArray(list) ? list : []).flatMap((text, i): [string, number, string][] =>
        typeof text === 'string' ? [[metric, i, text]] : [],
      ),
    ),
  };
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The JSON Schema of what a person writes, for editors. */
export function scenarioJsonSchema(): unknown {
  return z.toJSONSchema(writtenScenario, { io: 'input' });
}
