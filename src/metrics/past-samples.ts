import { LagHistogram } from '../ledger/lag-histogram.ts';
import { OUTCOMES } from '../ledger/outcome.ts';
import { outputBufferLimit } from '../redis/output-buffer-limit.ts';
import type { ServerField } from '../redis/server-fields.ts';
import type { Result, TallyResult } from '../result/schema.ts';
import type { Threshold } from '../scenario/scenario.ts';
import { type MetricName, TTL_BOUNDS_SECONDS, VERDICT_STATES } from './definitions.ts';
import { isRedisMetric, REDIS_FIELDS } from './redis-fields.ts';

/** A sample of a past run. */
export interface TimedSample {
  readonly labels: Readonly<Record<string, string>>;
  /** In the run's time: 0 is the start of its measurement. */
  readonly atSeconds: number;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/** All samples of a metric that the result has an account of; what it has of the end only, at its end. */
export function samplesOf(name: MetricName, result: Result): TimedSample[] {
  if (isRedisMetric(name)) {
    return REDIS_FIELDS[name].flatMap(({ field, labels }) => serverField(result, field, labels));
  }
  switch (name) {
    case 'sessions':
      return [
        ...overTime(result, ({ live }) => live, { state: 'live' }),
        ...overTime(result, ({ stale }) => stale, { state: 'stale' }),
      ];
    case 'sessions_created_total':
      return overTime(result, ({ attempted }) => attempted);
    case 'sessions_due_total':
      return overTime(result, ({ due }) => due);
    case 'session_outcomes_total':
      return outcomes(result);
    case 'expiry_lag_seconds':
      return lagHistogram(result);
    case 'expiry_lag_quantile_seconds':
      return quantilesOverTime(result);
    case 'cohort_expiry_lag_quantile_seconds':
      return Object.entries(result.cohorts).flatMap(([cohort, tally]) => quantilesAtEnd(result, cohort, tally));
    case 'oldest_stale_seconds':
      return overTime(result, ({ oldestStaleSeconds }) => oldestStaleSeconds);
    case 'stale_bytes':
      return staleBytes(result);
    case 'clock_error_seconds':
      return [atEnd(result, result.instrument.clockErrorMs / 1000)];
    case 'observer_gaps_total':
      return [atEnd(result, result.instrument.gaps.length, { node: result.server.endpoint })];
    case 'run_verdict':
      return VERDICT_STATES.map((state) => atEnd(result, Number(result.verdict.state === state), { state }));
    case 'threshold':
      return ((result.scenario.thresholds as Threshold[] | undefined) ?? []).map(
        ({ metric, cohort, expression, bound }) =>
          atEnd(result, bound, { metric: cohort === null ? metric : `${metric}{cohort:${cohort}}`, expression }),
      );
    case 'threshold_held':
      return result.thresholds.map(({ metric, expression, ok }) => atEnd(result, Number(ok), { metric, expression }));
    case 'event_loop_delay_seconds':
      return Object.entries(result.instrument.eventLoopDelaySeconds).flatMap(([thread, delay]) =>
        delay === null
          ? []
          : [
              atEnd(result, delay.p50, { thread, quantile: '0.5' }),
              atEnd(result, delay.p99, { thread, quantile: '0.99' }),
              atEnd(result, delay.max, { thread, quantile: '1' }),
            ],
      );
    case 'requests_found_gone_total':
      return Object.entries(result.cohorts).flatMap(([cohort, { foundGone, foundGoneEarly }]) => [
        ...fromNone(result, foundGoneEarly, { cohort, deadline: 'before' }),
        ...fromNone(result, foundGone - foundGoneEarly, { cohort, deadline: 'after' }),
      ]);
    case 'evicted_remaining_ttl_seconds':
      return histogramsAtEnd(result, 'remainingTtl', TTL_BOUNDS_SECONDS);
    case 'evicted_overdue_seconds':
      return histogramsAtEnd(result, 'overdue', result.series.lagBoundsSeconds);
    case 'threshold_value':
      return result.thresholds.flatMap(({ metric, expression, value }) =>
        value === null ? [] : [atEnd(result, value, { metric, expression })],
      );
    case 'run_faults':
      return [atEnd(result, result.verdict.state === 'valid' ? 0 : result.verdict.reasons.length)];
    case 'run_start_time_seconds':
      return throughout(result, () => Date.parse(result.startedAt) / 1000, {});
    case 'run_phase':
      return ['fill', 'measure'].flatMap((phase) =>
        throughout(result, (atSeconds) => Number(atSeconds < 0 === (phase === 'fill')), { phase }),
      );
    case 'run_info':
      return throughout(result, () => 1, infoLabels(result));
    case 'redis_pubsub_output_buffer_limit_bytes': {
      const limits = result.server.settings['client-output-buffer-limit'];
      const limit = limits === undefined ? null : outputBufferLimit(limits, 'pubsub');
      return limit === null ? [] : throughout(result, () => limit.hardBytes, { node: result.server.endpoint });
    }
    default:
      // What a result has no account of.
      return [];
  }
}

type Cohort = Result['series']['cohorts'][string];

function overTime(
  { series }: Result,
  values: (cohort: Cohort) => readonly number[],
  labels: Readonly<Record<string, string>> = {},
): TimedSample[] {
  return Object.entries(series.cohorts).flatMap(([cohort, of]) =>
    values(of).map((value, row) => ({ labels: { cohort, ...labels }, atSeconds: series.atSeconds[row]!, value })),
  );
}

function atEnd({ series }: Result, value: number, labels: Readonly<Record<string, string>> = {}): TimedSample {
  return { labels, atSeconds: series.atSeconds.at(-1) ?? 0, value };
}

/** Those that come in the run over its time; what the cut-off found, at the end, and 0 before. */
function outcomes(result: Result): TimedSample[] {
  const inTime = { expired: 'expired', evicted_early: 'evictedEarly', evicted_stale: 'evictedStale' } as const;
  return OUTCOMES.flatMap((outcome) => {
    if (outcome in inTime) return overTime(result, (cohort) => cohort[inTime[outcome as 'expired']], { outcome });
    return Object.entries(result.cohorts).flatMap(([cohort, tally]) =>
      fromNone(result, tally.outcomes[outcome], { cohort, outcome }),
    );
  });
}

/** A count of the end, 0 at the start: `increase()` needs both. */
function fromNone(result: Result, value: number, labels: Readonly<Record<string, string>>): TimedSample[] {
  const [first = 0] = result.series.atSeconds;
  const end = atEnd(result, value, labels);
  return first < end.atSeconds ? [{ labels, atSeconds: first, value: 0 }, end] : [end];
}

function histogramsAtEnd(
  result: Result,
  name: 'remainingTtl' | 'overdue',
  boundsSeconds: readonly number[],
): TimedSample[] {
  return Object.entries(result.cohorts).flatMap(([cohort, { histograms }]) => {
    const { hdr, ...exact } = histograms[name];
    const histogram = LagHistogram.decode(hdr, exact);
    const { counts, sumUs } = histogram.cumulative(boundsSeconds.map((seconds) => Math.round(seconds * 1e6)));
    const part = (suffix: NonNullable<TimedSample['suffix']>, value: number, labels: { le?: string } = {}) =>
      fromNone(result, value, { cohort, ...labels }).map((sample) => ({ ...sample, suffix }));
    return [
      ...boundsSeconds.flatMap((seconds, i) => part('_bucket', counts[i]!, { le: String(seconds) })),
      ...part('_bucket', histogram.count, { le: '+Inf' }),
      ...part('_count', histogram.count),
      ...part('_sum', sumUs / 1e6),
    ];
  });
}

function lagHistogram({ series }: Result): TimedSample[] {
  const { atSeconds, lagBoundsSeconds } = series;
  return Object.entries(series.cohorts).flatMap(([cohort, { delivered }]) =>
    (['cycle', 'command'] as const).flatMap((cause) => {
      const { row: rows, bound, count } = delivered[cause];
      const counts = new Array<number>(lagBoundsSeconds.length + 1).fill(0);
      const samples: TimedSample[] = [];
      let next = 0;
      for (const [row, at] of atSeconds.entries()) {
        for (; next < rows.length && rows[next]! <= row; next++) counts[bound[next]!]! += count[next]!;
        let upTo = 0;
        for (const [i, of] of counts.entries()) {
          upTo += of;
          const le = i < lagBoundsSeconds.length ? String(lagBoundsSeconds[i]!) : '+Inf';
          samples.push({ labels: { cohort, cause, le }, atSeconds: at, value: upTo, suffix: '_bucket' });
        }
        samples.push({ labels: { cohort, cause }, atSeconds: at, value: upTo, suffix: '_count' });
      }
      return samples;
    }),
  );
}

/** +Inf while it was not reached. */
function quantilesOverTime({ series, totals }: Result): TimedSample[] {
  const { row, ...quantiles } = series.lagQuantiles;
  const { horizon } = totals.expiryLagSeconds;
  if (horizon === null) return [];
  return (['p50', 'p90', 'p99'] as const).flatMap((name) =>
    quantiles[name].map((value, i) => ({
      labels: { quantile: String(Number(name.slice(1)) / 100) },
      atSeconds: series.atSeconds[row[i]!]!,
      value: value ?? Number.POSITIVE_INFINITY,
    })),
  );
}

function quantilesAtEnd(result: Result, cohort: string, { expiryLagSeconds: lag }: TallyResult): TimedSample[] {
  const at = { 0.5: lag.p50, 0.9: lag.p90, 0.95: lag.p95, 0.99: lag.p99, 0.999: lag.p999 };
  return Object.entries(at).map(([quantile, value]) =>
    atEnd(result, lag.horizon === null ? Number.NaN : (value ?? Number.POSITIVE_INFINITY), { cohort, quantile }),
  );
}

/** By what a session of each cohort takes on average. */
function staleBytes(result: Result): TimedSample[] {
  return Object.entries(result.staleMemoryBytes.sessionBytes).flatMap(([cohort, bytes]) =>
    bytes === null
      ? []
      : overTime(result, ({ stale }) => stale)
          .filter(({ labels }) => labels.cohort === cohort)
          .map((sample) => ({ ...sample, value: sample.value * bytes })),
  );
}

function infoLabels({ server, version: ttlscope }: Result): Record<string, string> {
  const { engine, version, endpoint, effectiveHz, settings } = server;
  return {
    version: ttlscope,
    engine,
    engine_version: version,
    node: endpoint,
    hz: String(effectiveHz ?? ''),
    notify_flags: settings['notify-keyspace-events'] ?? '',
  };
}

function throughout(
  { series }: Result,
  value: (atSeconds: number) => number,
  labels: Readonly<Record<string, string>>,
): TimedSample[] {
  return series.atSeconds.map((atSeconds) => ({ labels, atSeconds, value: value(atSeconds) }));
}

function serverField(
  { server, serverSamples }: Result,
  field: ServerField,
  labels: Readonly<Record<string, string>>,
): TimedSample[] {
  const values = serverSamples.series[field] ?? [];
  return values.flatMap((value, i) =>
    value === null
      ? []
      : [{ labels: { node: server.endpoint, ...labels }, atSeconds: serverSamples.atSeconds[i]!, value }],
  );
}
