import { ANSWERS, KINDS } from '../ledger/in-flight.ts';
import type { LagHistogram } from '../ledger/lag-histogram.ts';
import { REQUEST_AT } from '../ledger/ledger.ts';
import { OUTCOMES } from '../ledger/outcome.ts';
import type { ExpiryLag } from '../ledger/tally.ts';
import { LAG_BOUNDS_SECONDS } from '../result/lag-bounds.ts';
import { PHASES } from '../run/progress-status.ts';
import type { Threshold } from '../scenario/scenario.ts';
import { VERSION } from '../version.ts';
import {
  DELAY_BOUNDS_SECONDS,
  LAG_QUANTILES,
  type MetricName,
  TTL_BOUNDS_SECONDS,
  VERDICT_STATES,
} from './definitions.ts';
import { REDIS_FIELDS, REDIS_METRICS } from './redis-fields.ts';
import type { CohortView, Moment } from './run-view.ts';

/** One line of an exposition; `suffix` is that of a histogram's parts. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

type Samples = (moment: Moment) => Sample[];

const LAG_KEYS = { 0.5: 'p50', 0.9: 'p90', 0.95: 'p95', 0.99: 'p99', 0.999: 'p999' } as const;

/** What each metric says of a run at the moment. */
export const SAMPLES: Readonly<Record<MetricName, Samples>> = {
  sessions: ofCohorts(({ live, stale }) => [
    { labels: { state: 'live' }, value: live },
    { labels: { state: 'stale' }, value: stale },
  ]),
  sessions_created_total: ofCohorts(({ tally }) => single(tally.counts.attempted)),
  sessions_due_total: ofCohorts(({ due }) => single(due)),
  session_outcomes_total: ofCohorts(({ tally }) =>
    OUTCOMES.map((outcome) => ({ labels: { outcome }, value: tally.outcomes[outcome] })),
  ),
  requests_total: ({ requests }) =>
    KINDS.flatMap((op) =>
      ANSWERS.map((result) => ({ labels: { op, result }, value: requests[REQUEST_AT[op][result]]! })),
    ),
  requests_found_gone_total: ofCohorts(({ tally: { counts } }) => [
    { labels: { deadline: 'before' }, value: counts.foundGoneEarly },
    { labels: { deadline: 'after' }, value: counts.foundGone - counts.foundGoneEarly },
  ]),

  expiry_lag_seconds: ofCohorts(({ tally: { lag } }) => [
    ...histogram(lag.cycle, LAG_BOUNDS_SECONDS, { cause: 'cycle' }),
    ...histogram(lag.command, LAG_BOUNDS_SECONDS, { cause: 'command' }),
  ]),
  expiry_lag_quantile_seconds: ({ estimates }) => quantiles(estimates.lag),
  cohort_expiry_lag_quantile_seconds: ({ shown, estimates }) =>
    shown.cohorts.flatMap((cohort, i) => labelled(quantiles(estimates.cohortLags[i]!), { cohort })),
  oldest_stale_seconds: ofCohorts(({ oldestStaleMs }) => single(oldestStaleMs / 1000)),
  stale_bytes: ofCohorts(({ staleBytes }) => known(staleBytes)),
  delivery_delay_seconds: ({ deliveryDelay }) => histogram(deliveryDelay, DELAY_BOUNDS_SECONDS),

  evicted_remaining_ttl_seconds: ofCohorts(({ tally }) => histogram(tally.evictions.remainingTtl, TTL_BOUNDS_SECONDS)),
  evicted_overdue_seconds: ofCohorts(({ tally }) => histogram(tally.evictions.overdue, LAG_BOUNDS_SECONDS)),

  schedule_slip_seconds: ({ scheduleSlip }) => histogram(scheduleSlip, DELAY_BOUNDS_SECONDS),
  clock_error_seconds: ({ status }) => single(status.clockErrorMs / 1000),
  event_loop_delay_seconds: ({ status: { loopDelay } }) =>
    Object.entries(loopDelay).flatMap(([thread, delay]) =>
      delay === null
        ? []
        : [
            { labels: { thread, quantile: 0.5 }, value: delay.p50 },
            { labels: { thread, quantile: 0.99 }, value: delay.p99 },
            { labels: { thread, quantile: 1 }, value: delay.max },
          ],
    ),
  observer_gaps_total: ofNode(({ status }) => single(status.gaps)),
  stale_check_sessions: ({ status: { staleCheck } }) =>
    staleCheck === null
      ? []
      : [
          { labels: { source: 'ledger' }, value: staleCheck.ledger },
          { labels: { source: 'server' }, value: staleCheck.server },
        ],
  run_verdict: ({ ending }) => oneOf('state', VERDICT_STATES, ending?.verdict ?? 'pending'),
  run_faults: ({ status, ending }) =>
    single(ending === null ? status.faults.length : ending.verdict === 'valid' ? 0 : ending.reasons.length),
  threshold: ({ shown }) =>
    shown.thresholds.map((threshold) => ({ labels: thresholdLabels(threshold), value: threshold.bound })),
  threshold_value: ({ estimates }) =>
    estimates.thresholds.flatMap(({ metric, expression, value }) =>
      value === null ? [] : [{ labels: { metric, expression }, value }],
    ),
  threshold_held: ({ estimates }) =>
    estimates.thresholds.map(({ metric, expression, ok }) => ({
      labels: { metric, expression },
      value: Number(ok),
    })),
  run_info: ({ feed: { server } }) => [
    {
      labels: {
        version: VERSION,
        engine: server.engine,
        engine_version: server.version,
        node: server.endpoint,
        hz: server.hz ?? '',
        notify_flags: server.notifyFlags,
      },
      value: 1,
    },
  ],
  run_phase: ({ status, ending }) => oneOf('phase', [...PHASES, 'done'], ending === null ? status.phase : 'done'),
  run_start_time_seconds: ({ feed }) => single(feed.epochMs / 1000),

  redis_pubsub_output_buffer_limit_bytes: ofNode(({ feed }) => known(feed.server.pubsubLimitBytes)),
  ...redisSamples(),
};

/** Of what the sampler asked last; a field that the server lacks is absent. */
function redisSamples(): Record<(typeof REDIS_METRICS)[number], Samples> {
  const of = (name: (typeof REDIS_METRICS)[number]): Samples =>
    ofNode(({ status: { serverFields } }) =>
      REDIS_FIELDS[name].flatMap(({ field, labels }) => labelled(known(serverFields?.[field] ?? null), labels)),
    );
  return Object.fromEntries(REDIS_METRICS.map((name) => [name, of(name)])) as ReturnType<typeof redisSamples>;
}

function single(value: number): Sample[] {
  return [{ labels: {}, value }];
}

/** Absent where it is not known. */
function known(value: number | null): Sample[] {
  return value === null ? [] : single(value);
}

function labelled(samples: readonly Sample[], labels: Sample['labels']): Sample[] {
  return samples.map((sample) => ({ ...sample, labels: { ...labels, ...sample.labels } }));
}

function ofCohorts(samples: (cohort: CohortView) => Sample[]): Samples {
  return ({ cohorts }) => cohorts.flatMap((cohort) => labelled(samples(cohort), { cohort: cohort.name }));
}

function ofNode(samples: Samples): Samples {
  return (moment) => labelled(samples(moment), { node: moment.feed.server.endpoint });
}

function oneOf(label: string, states: readonly string[], state: string): Sample[] {
  return states.map((name) => ({ labels: { [label]: name }, value: Number(name === state) }));
}

function thresholdLabels({ metric, cohort, expression }: Threshold): Sample['labels'] {
  return { metric: cohort === null ? metric : `${metric}{cohort:${cohort}}`, expression };
}

/** +Inf while it is not reached, NaN while none fell due. */
function quantiles(lag: ExpiryLag): Sample[] {
  const none = lag.horizon === null;
  return LAG_QUANTILES.map((quantile) => ({
    labels: { quantile },
    value: none ? Number.NaN : (lag[LAG_KEYS[quantile]] ?? Number.POSITIVE_INFINITY),
  }));
}

function histogram(times: LagHistogram, boundsSeconds: readonly number[], labels: Sample['labels'] = {}): Sample[] {
  const { counts, sumUs } = times.cumulative(boundsSeconds.map((seconds) => Math.round(seconds * 1e6)));
  const { count } = times;
  return [
    ...boundsSeconds.map((le, i): Sample => ({ labels: { ...labels, le }, value: counts[i]!, suffix: '_bucket' })),
    { labels: { ...labels, le: '+Inf' }, value: count, suffix: '_bucket' },
    { labels, value: sumUs / 1e6, suffix: '_sum' },
    { labels, value: count, suffix: '_count' },
  ];
}
