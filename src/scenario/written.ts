import { z } from 'zod';
import { DURATION_ALLOWED } from './duration.ts';
import { duration, positiveDuration, strict } from './schema-parts.ts';
import { SIZE_ALLOWED, SIZE_PATTERN, sizeBytes } from './size.ts';
import { REFRESH_KINDS, store } from './store.ts';

const size = z
  .union([z.int().nonnegative(), z.string().regex(SIZE_PATTERN)], {
    error: `is not a size in bytes; use ${SIZE_ALLOWED}`,
  })
  .transform((value) => sizeBytes(value)!)
  .describe(`A size in bytes: ${SIZE_ALLOWED}`);

const positive = z.number({ error: 'is not a number' }).positive({ error: 'is not more than 0' });

/** Forms of a distribution over a unit, in the order in which an error explains them. */
function distributionOf(unit: z.ZodType<number>, example: (n: number) => string, what: string) {
  const forms = `{uniform: [${example(1)}, ${example(10)}]}, {exponential: ${example(30)}}, {lognormal: {median: ${example(20)}, sigma: 0.5}} or {mixture: [{weight: 1, of: …}]}`;
  const error = `is not a ${what}, or a distribution: ${forms}`;
  const fixed = unit.transform((value) => ({ kind: 'fixed' as const, value }));
  const uniform = strict({
    uniform: z.tuple([unit, unit], { error: `is not a pair; use [${example(1)}, ${example(10)}]` }),
  })
    .refine(({ uniform: [min, max] }) => min <= max, { error: 'has its least value above its greatest' })
    .transform(({ uniform: [min, max] }) => ({ kind: 'uniform' as const, min, max }));
  const exponential = strict({ exponential: unit }).transform(({ exponential }) => ({
    kind: 'exponential' as const,
    mean: exponential,
  }));
  const lognormal = strict({ lognormal: strict({ median: unit, sigma: positive }) }).transform(({ lognormal }) => ({
    kind: 'lognormal' as const,
    ...lognormal,
  }));
  const simple = z.union([fixed, uniform, exponential, lognormal], { error });
  const mixture = strict({
    mixture: z.array(strict({ weight: positive, of: simple })).min(1, { error: 'is empty' }),
  }).transform(({ mixture }) => ({ kind: 'mixture' as const, parts: mixture }));
  return {
    forms: [fixed, uniform, exponential, lognormal, mixture] as const,
    error,
  };
}

const second = (n: number): string => `${n}s`;
const times = distributionOf(positiveDuration, second, `duration; use ${DURATION_ALLOWED}`);
const time = z.union(times.forms, { error: times.error });
const together = strict({ together: positiveDuration }).transform(({ together }) => ({
  kind: 'together' as const,
  value: together,
}));
const ttl = z.union([...times.forms, together], {
  error: `${times.error}, or {together: 20s} for one deadline shared by all`,
});
const sizes = distributionOf(size, (n) => String(n * 100), `size in bytes; use ${SIZE_ALLOWED}`);
const payload = z.union(sizes.forms, { error: sizes.error });

const RATE = /^(\d+(?:\.\d+)?)\/(s|m|h)$/;
const PER_SECOND = { s: 1, m: 60, h: 3600 } as const;
const rateError = 'is not a rate; use 200/s, 30/m, or {rate: 200/s, process: constant}';
const rate = z
  .string({ error: rateError })
  .regex(RATE, { error: rateError })
  .transform((text) => {
    const [, amount, unit] = RATE.exec(text)!;
    return Number(amount) / PER_SECOND[unit as keyof typeof PER_SECOND];
  })
  .refine((perSecond) => perSecond > 0, { error: 'is not more than 0' });
const arrivals = z.union(
  [
    rate.transform((perSecond) => ({ perSecond, process: 'poisson' as const })),
    strict({
      rate,
      process: z.enum(['poisson', 'constant'], { error: 'is not known; use poisson or constant' }),
    }).transform(({ rate, process }) => ({ perSecond: rate, process })),
  ],
  { error: rateError },
);

const shareError = 'is not a share; use 10% or 0.1';
const share = z
  .union([z.number().min(0).max(1), z.string().regex(/^\d+(\.\d+)?%$/)], { error: shareError })
  .transform((value) => (typeof value === 'number' ? value : Number(value.slice(0, -1)) / 100))
  .refine((value) => value <= 1, { error: shareError });

const cohort = strict({
  sessions: z
    .int({ error: 'is not a whole number' })
    .positive({ error: 'is not more than 0' })
    .optional()
    .describe('Filled before the measurement: so many sessions; their TTLs count from its start'),
  arrivals: arrivals.optional().describe('Arrive during the measurement: 200/s is a Poisson process'),
  ttl: ttl.describe('Time to live; {together: 20s} is one deadline shared by the cohort'),
  payload: payload.default({ kind: 'fixed', value: 200 }).describe('Size of a session in bytes. (Default: 200)'),
  activity: strict({
    every: time.describe('Time between the requests of a visitor: a duration or {exponential: 2s}'),
    for: time.describe('How long a visit lasts'),
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
  logout: share.default(0).describe('Share of the visitors who log out (DEL) when they leave'),
}).describe('Sessions that arrive, live and refresh alike');

const setting = z
  .union([z.string(), z.number(), z.boolean()], { error: 'is not a setting; use a text, a number, yes or no' })
  .transform((value) => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)))
  .refine((value) => !/[\r\n]/.test(value), { error: 'has more than one line' });

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
  duration: positiveDuration.describe('Of the measurement'),
  cutoff: duration
    .default(0)
    .describe('How long to wait after the load ends before outcomes are judged. (Default: 0s)'),
  server: z
    .record(z.string(), setting, { error: 'is not a mapping of settings' })
    .default({})
    .describe('Settings of the embedded server, as in redis.conf'),
  cohorts: z
    .record(cohortName, cohort, {
      error: ({ input }) =>
        input === undefined ? 'is missing; name at least one cohort' : 'is not a mapping of cohorts',
    })
    .describe('Groups of sessions by name'),
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
