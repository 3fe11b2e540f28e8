import { OUTCOMES } from '../ledger/outcome.ts';
import { outputBufferLimit } from '../redis/output-buffer-limit.ts';
import type { ServerField } from '../redis/server-fields.ts';
import type { Result, TallyResult } from '../result/schema.ts';
import type { Threshold } from '../scenario/scenario.ts';
import { DEFINITIONS, type MetricName, VERDICT_STATES } from './definitions.ts';
import { isRedisMetric, REDIS_FIELDS } from './redis-fields.ts';

/** What a scrape would have added, as `docker/prometheus.yml` names it: the dashboards choose by it. */
const JOB = 'ttlscope';

/** A sample at a time, Unix s. */
interface TimedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly atSeconds: number;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/**
 * Results as OpenMetrics, every sample with its time, for `promtool tsdb create-blocks-from openmetrics`: by the names and
 * labels of a live run that was scraped, so that dashboards show past runs too. What a result has over time is told over time, what it has
 * of the end only at its end.
 *
 * @param alignAtMs the start of every run's measurement, Unix ms; `null`: when it was
 */
export function* exportOpenMetrics(results: readonly Result[], alignAtMs: number | null): Generator<string> {
  for (const [name, definition] of Object.entries(DEFINITIONS) as [MetricName, (typeof DEFINITIONS)[MetricName]][]) {
    const { type, help } = definition;
    const family = type === 'counter' ? definition.name.replace(/_total$/, '') : definition.name;
    const lines = results.flatMap((result) => {
      const { run, scenario, server } = result;
      const policy = server.settings['maxmemory-policy'] ?? 'unknown';
      const shared = { job: JOB, run, scenario: String(scenario.name), policy };
      const startSeconds = (alignAtMs ?? result.measuredFromMs) / 1000;
      return inOrder(samplesOf(name, result)).map(({ labels, atSeconds, value, suffix = '' }) => {
        const at = (startSeconds + atSeconds).toFixed(3);
        return `${definition.name}${suffix}${printLabels({ ...labels, ...shared })} ${printValue(value)} ${at}\n`;
      });
    });
    if (lines.length === 0) continue;
    yield `# HELP ${family} ${help.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}\n# TYPE ${family} ${type}\n`;
    yield lines.join('');
  }
  yield '# EOF\n';
}

/** OpenMetrics wants the samples of one series together, ascending in time. */
function inOrder(samples: readonly TimedSample[]): TimedSample[] {
  const series = new Map<string, TimedSample[]>();
  for (const sample of samples) {
    const key = JSON.stringify([sample.suffix, sample.labels]);
    const of = series.get(key);
    if (of) of.push(sample);
    else series.set(key, [sample]);
  }
  return [...series.values()].flat();
}

function samplesOf(name: MetricName, result: Result): TimedSample[] {
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
      return ((result.scenario.thresholds as Threshold[] | undefined) ?? []).flatMap(
        ({ metric, cohort, expression, bound }) =>
          throughout(result, () => bound, {
            metric: cohort === null ? metric : `${metric}{cohort:${cohort}}`,
            expression,
          }),
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
    return Object.entries(result.cohorts).flatMap(([cohort, tally]) => [
      { labels: { cohort, outcome }, atSeconds: result.series.atSeconds[0] ?? 0, value: 0 },
      atEnd(result, tally.outcomes[outcome], { cohort, outcome }),
    ]);
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
          const le = i < lagBoundsSeconds.length ? printValue(lagBoundsSeconds[i]!) : '+Inf';
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

function infoLabels({ server }: Result): Record<string, string> {
  const { engine, version, endpoint, effectiveHz, settings } = server;
  return {
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

function printLabels(labels: Readonly<Record<string, string>>): string {
  const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${Object.entries(labels)
    .map(([label, value]) => `${label}="${quoted(value)}"`)
    .join(',')}}`;
}

function printValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return Number.isNaN(value) ? 'NaN' : String(value);
}
