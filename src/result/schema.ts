import { z } from 'zod';
import { OUTCOMES } from '../ledger/outcome.ts';
import { SERVER_FIELDS, type ServerField } from '../redis/server-fields.ts';

const count = z.int().nonnegative();
const seconds = z.number();
const maybeSeconds = seconds.nullable();

const encodedHistogram = z
  .object({
    hdr: z.string().describe('HdrHistogram V2, compressed, base64; values in microseconds'),
    minUs: z.int().nullable(),
    maxUs: z.int().nullable(),
    belowZero: count.describe('Times below zero; the histogram has them at 0'),
  })
  .describe('Times since the deadline; the exact least and greatest beside the histogram');

const spread = z.object({ count, p50: maybeSeconds, p90: maybeSeconds, p99: maybeSeconds, max: maybeSeconds });

const expiryLag = z.object({
  delivered: count.describe('Sessions whose expired event was heard'),
  censored: count.describe('Sessions that fell due and were followed to a time without an end'),
  restrictedMean: maybeSeconds.describe('Mean of min(lag, horizon), the never notified counting as the horizon'),
  horizon: maybeSeconds.describe('The longest time that any session was followed after its deadline'),
  belowZero: count.describe('Delivered lags below zero'),
  min: maybeSeconds,
  p50: maybeSeconds.describe('null: not reached, see beyond'),
  p90: maybeSeconds,
  p95: maybeSeconds,
  p99: maybeSeconds,
  p999: maybeSeconds,
  max: maybeSeconds.describe('null: not every session that fell due was heard'),
  beyond: maybeSeconds.describe('What was not reached is greater than this'),
});

const outcomes = z.object(
  Object.fromEntries(OUTCOMES.map((name) => [name, count])) as Record<(typeof OUTCOMES)[number], typeof count>,
);

const tally = z.object({
  attempted: count.describe('Creates and resurrections: the sum of the outcomes'),
  ambiguous: count.describe('Lives whose outcome, cause or deadline the measured errors leave open'),
  evictedAmbiguous: count.describe('Of these, evictions that may have come before the deadline or after it'),
  resurrected: count,
  withoutTtl: count.describe('In memory at the cut-off without the TTL that was to be set: they would never end'),
  foundGone: count.describe('Requests that were told that their session is gone, by the server or by their store'),
  foundGoneEarly: count.describe('Of these, before its deadline'),
  neverNotified: count.describe('Sessions that fell due and ended without ever being notified'),
  causes: z.object({ cycle: count, command: count }),
  outcomes,
  expiryLagSeconds: expiryLag.describe('Cumulative incidence of notification (Aalen-Johansen)'),
  expiryLagCycleOnlySeconds: expiryLag.describe(
    'Hypothetical: had only the cycle deleted (Kaplan-Meier, the rest censored)',
  ),
  evictions: z
    .object({
      remainingTtlSeconds: spread.describe('Of those evicted early: the TTL that was left, where there was one'),
      ageSeconds: spread.describe('Of those evicted early: since their creation'),
      idleSeconds: spread.describe(
        'Of those evicted early: since their last request or creation, where that was in the measurement',
      ),
      overdueSeconds: spread.describe('Of those evicted when stale: since their deadline'),
    })
    .describe('Sessions that were evicted, at the hearing of the event'),
  histograms: z.object({
    cycle: encodedHistogram,
    command: encodedHistogram,
    competing: encodedHistogram,
    censored: encodedHistogram,
    remainingTtl: encodedHistogram,
    age: encodedHistogram,
    idle: encodedHistogram,
    overdue: encodedHistogram,
  }),
});

const loopDelay = z.object({ p50: seconds, p99: seconds, max: seconds });
const check = z.object({
  state: z.enum(['held', 'broken', 'not possible']),
  reason: z.string().nullable(),
  fences: count,
  worstDifference: z.int(),
});

const instrument = z.object({
  clockOffsetMs: z.number().describe("The server's clock less the harness's monotonic clock"),
  clockErrorMs: z.number().describe('Its bound, the worst of the run'),
  clockSteps: z.array(z.object({ atServerMs: z.number(), sizeMs: z.number(), clock: z.enum(['server', 'harness']) })),
  deadlineErrorMs: z.object({ p99: z.number(), max: z.number() }),
  deadlineCheck: z.object({ sampled: count, worstErrorMs: z.number(), worstBoundMs: z.number() }),
  deliveryDelaySeconds: spread,
  eventLoopDelaySeconds: z.object({
    main: loopDelay,
    observer: loopDelay.nullable().describe('null: its thread ended before the run'),
  }),
  observerStalls: z
    .object({ count, longestMs: z.number(), heard: count })
    .describe('Times in which the thread of the observer stood still, and events that were heard late by it'),
  scheduleSlipSeconds: spread,
  gaps: z.array(z.object({ node: count, fromMs: z.number(), toMs: z.number().nullable(), reason: z.string() })),
  stalls: z.array(z.object({ fromMs: z.number(), lengthMs: z.number() })),
  canaries: z.object({
    planned: count,
    flippedOnTime: count,
    violations: z.array(z.object({ kind: z.string(), deadlineMs: z.number(), byMs: z.number() })),
    lastPresentMs: z.number().nullable(),
    firstGoneMs: z.number().nullable(),
    deliveryDelaySeconds: spread,
  }),
  staleCountCheck: check,
  expiredKeysCheck: check,
  evictedKeysCheck: check,
  littlesLaw: check.extend({
    staleSecondsByServer: z.number(),
    staleSecondsByLives: z.number(),
    overlapSeconds: z.number(),
  }),
  strays: count,
  errors: z.record(z.string(), count).describe('Error replies to the load, by their code'),
});

const series = z.array(z.number());
const maybeSeries = z.array(z.number().nullable());

const maybe = z.number().nullable();

const serverSeries = z
  .object(
    Object.fromEntries(
      Object.entries(SERVER_FIELDS).map(([name, about]) => [name, maybeSeries.optional().describe(about)]),
    ) as Record<ServerField, z.ZodOptional<typeof maybeSeries>>,
  )
  .describe('What INFO said, as columns; a field that the server lacks is not there, null is a sample without it');

const serverSamples = z
  .object({
    everySeconds: seconds,
    atSeconds: series.describe("Server's clock, from the start of the measurement; samples before it are of the fill"),
    series: serverSeries,
    cost: z.object({
      samples: count,
      skipped: count.describe('Times at which the one before had not been answered'),
      roundTripSeconds: spread.describe('TIME and INFO, sent together'),
      bytes: count.describe('Of the replies, all samples'),
      infoCalls: maybe.describe(
        'INFO commands in the measurement by INFO commandstats: of the sampler, of the fences, of others',
      ),
      infoSeconds: maybe.describe('What the server spent on them: a bound from above for the sampler'),
    }),
    ended: z.string().nullable().describe('Why it ended before the cut-off; null: it did not'),
  })
  .describe('INFO, once a period, on a connection of its own');

const serverUse = z
  .object({
    overSeconds: maybe.describe('From the sample at the start of the measurement to that at the cut-off'),
    cpuSeconds: maybe.describe('User and system, all threads'),
    expireCycleCpuSeconds: maybe,
    peakUsedMemoryBytes: maybe.describe('The greatest of the samples'),
    commandsProcessed: maybe.describe('Those of the harness included'),
    expiredKeys: maybe,
    evictedKeys: maybe,
    expiredTimeCapReached: maybe,
    evictionExceededSeconds: maybe,
  })
  .describe(
    'What the server did and used in the measurement; null where it does not tell, or was not asked to the end',
  );

const delivered = z
  .object({ row: series, bound: series, count: series })
  .describe(
    'Where any were: the row of the series, the place of the greatest bound that they exceed, plus 1, how many',
  );

const cohortSeries = z
  .object({
    attempted: series,
    due: series.describe('Ended after their deadline, or past it and in memory'),
    live: series,
    stale: series,
    oldestStaleSeconds: series.describe('Since the deadline of the one that has waited longest; 0: none is stale'),
    expired: series,
    evictedEarly: series,
    evictedStale: series,
    delivered: z
      .object({ cycle: delivered, command: delivered })
      .describe('Lags of the events heard since the row before, by lagBoundsSeconds'),
  })
  .describe('In the rows of the series, since the start of the run');

const verdict = z.object({
  state: z.enum(['valid', 'invalid', 'aborted']),
  reasons: z.array(z.string()).describe('Why it is invalid or aborted; of a valid run, what a reader should know'),
});

export const resultSchema = z.object({
  schema: z.literal('ttlscope.result/1'),
  run: z.string().describe("The run's name, part of its keys"),
  version: z.string().describe('Of ttlscope, which measured'),
  verdict,
  scenario: z.record(z.string(), z.unknown()).describe('The scenario, resolved'),
  seed: z.int(),
  segment: z.object({ index: z.int(), of: z.int() }),
  command: z.string().nullable().describe('What was typed, without passwords; null: the library was called'),
  startedAt: z.iso.datetime(),
  measuredFromMs: z.number().describe("Start of the measurement, Unix ms of the server's clock: 0 of the series"),
  phases: z.record(z.string(), seconds),
  server: z.object({
    engine: z.string(),
    version: z.string(),
    embedded: z.boolean(),
    endpoint: z.string(),
    effectiveHz: z.number().nullable(),
    settings: z.record(z.string(), z.string()).describe('In force during the run, as far as the server tells'),
    changed: z
      .array(
        z.object({
          setting: z.string(),
          before: z.string(),
          asked: z.string(),
          now: z.string().nullable().describe('Read back after it was set: in force during the run'),
        }),
      )
      .describe('Set for the run by CONFIG SET on a server that is not embedded, and put back after it'),
  }),
  totals: tally,
  cohorts: z.record(z.string(), tally),
  serverUse,
  serverSamples,
  staleMemoryBytes: z.object({
    value: maybe.describe('At the cut-off'),
    overheadBytes: z.record(z.string(), maybe).describe('Of a session beyond its payload, by cohort'),
    sessionBytes: z.record(z.string(), maybe).describe('The same with the mean payload'),
    method: z.string(),
  }),
  slowSubscribers: z
    .object({ count, connected: count.nullable(), outputBufferBytes: count.nullable() })
    .nullable()
    .describe('Subscribers that had stopped reading, as the server saw them at the cut-off; null: there were none'),
  thresholds: z.array(
    z.object({
      metric: z.string(),
      expression: z.string(),
      value: z.number().nullable(),
      ok: z.boolean(),
    }),
  ),
  instrument,
  series: z.object({
    atSeconds: series.describe("Server's clock, from the start of the measurement"),
    created: series,
    heard: series,
    live: series,
    stale: series,
    staleMemoryBytes: maybeSeries.describe('The stale sessions of each cohort, with its mean payload'),
    evictedEarly: series.describe('Sessions evicted before their deadline, and after it, since the start of the run'),
    evictedStale: series,
    cohorts: z.record(z.string(), cohortSeries),
    lagBoundsSeconds: series,
    lagQuantiles: z
      .object({ row: series, p50: maybeSeries, p90: maybeSeries, p99: maybeSeries })
      .describe(
        'In these rows of the series: of the lag of all that fell due so far, the stale censored; null: not reached',
      ),
  }),
});

export type Result = z.infer<typeof resultSchema>;
export type TallyResult = z.infer<typeof tally>;
export type ServerSamples = z.infer<typeof serverSamples>;
export type ServerUse = z.infer<typeof serverUse>;
export type Verdict = z.infer<typeof verdict>;
export type { Spread } from '../ledger/spread.ts';

/** The JSON Schema of `result.json`. */
export function resultJsonSchema(): unknown {
  return z.toJSONSchema(resultSchema);
}
