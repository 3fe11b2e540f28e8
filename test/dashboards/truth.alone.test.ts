/**
 * Every query of every panel, annotation and variable, put to a real Prometheus that has scraped a real run with
 * evictions, and redis_exporter beside it: an error or an empty answer is a failure.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { directory, out } from '../cli/short.ts';
import { skipUnless } from '../skip.ts';
import { onPath } from '../support/on-path.ts';
import { prometheusPath, type QueriedSeries, startPrometheus, type TestPrometheus } from '../support/prometheus.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { startCli } from '../support/run-cli.ts';
import { MODELS, type Model, panelsOf, queryOf } from './model.ts';

const exporterPath = onPath('prometheus-redis-exporter', 'redis_exporter');
const INTERVAL_SECONDS = 1;

/** Panels of what did not happen in this run, and why not. */
const NOT_IN_THIS_RUN: Readonly<Record<string, string>> = {
  'How long the evicted stale had been dead, p50 (evicted only) A':
    'at hz 100 the cycle leaves hardly a dead session to eviction',
};

const path = join(directory, 'truth.yml');
writeFileSync(
  path,
  `duration: 14s
cutoff: 2s
cohorts:
  idle: { sessions: 7000, ttl: 1h, payload: 1000 }
  visitors:
    arrivals: 300/s
    ttl: { uniform: [300ms, 2s] }
    payload: 1000
    activity: { every: { exponential: 500ms }, for: { exponential: 1s } }
    refresh: touch
thresholds: { expiry_lag: ["p(99)<500ms"] }
`,
);

/** As Grafana fills in a value of a variable that can have many, for a regular expression in a text of PromQL. */
const escaped = (value: string): string => value.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&');

type Values = ReadonlyMap<string, string>;

function fill(text: string, values: Values, rangeSeconds: number): string {
  const interpolated = text
    // Of a data source that is scraped each second, as Grafana works it out: four scrapes.
    .replaceAll('$__rate_interval', `${4 * INTERVAL_SECONDS}s`)
    .replaceAll('$__interval', `${INTERVAL_SECONDS}s`)
    .replaceAll('$__range', `${rangeSeconds}s`);
  return interpolated.replace(/\$(\w+)/g, (_, name: string) => {
    const value = values.get(name);
    assert.ok(value !== undefined, `$${name} is no variable: ${text}`);
    return value;
  });
}

interface Context {
  prometheus: TestPrometheus;
  from: number;
  to: number;
  stop: () => Promise<void>;
}

const suiteOf = suite<Context>('');
const isPossible = prometheusPath !== undefined && exporterPath !== undefined;

suiteOf.before(async (context) => {
  if (!isPossible) return;
  const redis = await startRedis([
    '--notify-keyspace-events',
    'ExeK',
    '--hz',
    '100',
    '--maxmemory',
    '7mb',
    '--maxmemory-policy',
    'allkeys-random',
  ]);
  const exporterPort = await freePort();
  const url = `redis://127.0.0.1:${redis.endpoint.port}`;
  const exporter = spawn(exporterPath!, [`-redis.addr=${url}`, `-web.listen-address=127.0.0.1:${exporterPort}`], {
    stdio: 'ignore',
  });
  process.on('exit', () => exporter.kill('SIGKILL'));
  const from = Math.floor(Date.now() / 1000);
  const cli = startCli([
    'run',
    path,
    '--redis',
    url,
    '--out',
    out('truth'),
    '--metrics',
    '127.0.0.1:0',
    '--metrics-linger',
    '1h',
  ]);
  const [, target] = await cli.said(/metrics at http:\/\/(\S+)\/metrics/);
  const prometheus = await startPrometheus(`
global: { scrape_interval: ${INTERVAL_SECONDS}s, scrape_timeout: 1s }
scrape_configs:
  - { job_name: ttlscope, static_configs: [{ targets: ['${target}'] }] }
  - { job_name: redis, static_configs: [{ targets: ['127.0.0.1:${exporterPort}'] }] }
`);
  await cli.said(/metrics stay/);
  // Two scrapes of what the end says.
  for (let seen = 0; seen < 2; ) {
    const [done] = await prometheus.query('count_over_time((ttlscope_run_phase{phase="done"} == 1)[1m:1s])');
    seen = Number(done?.value?.[1] ?? 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  Object.assign(context, {
    prometheus,
    from,
    to: Math.ceil(Date.now() / 1000),
    stop: async () => {
      cli.child.kill('SIGINT');
      await cli.ended;
      exporter.kill();
      await prometheus.stop();
      await redis.stop();
    },
  });
});
suiteOf.after(async ({ stop }) => {
  await stop?.();
});

const test = skipUnless(suiteOf, isPossible, 'prometheus or redis_exporter is missing');

/** The values that each variable offers, those before it chosen. */
async function valuesOf({ prometheus, from, to }: Context, model: Model): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>([['datasource', ['prometheus']]]);
  for (const variable of model.templating.list.filter(({ type }) => type === 'query')) {
    const [, selector, label] = /^label_values\((.*), (\w+)\)$/.exec(queryOf(variable))!;
    const chosen = new Map([...found].map(([name, values]) => [name, `(${values.map(escaped).join('|')})`]));
    const values = (await prometheus.api(`label/${label}/values`, {
      'match[]': fill(selector!, chosen, to - from),
      start: String(from),
      end: String(to),
    })) as string[];
    assert.ok(values.length > 0, `${model.title}: the variable ${variable.name} has no value`);
    found.set(variable.name, values);
  }
  return found;
}

const hasValue = ({ values = [] }: QueriedSeries): boolean => values.some(([, value]) => value !== 'NaN');

for (const [name, model] of MODELS) {
  test(`${name}: each query has an answer`, async (context) => {
    const { prometheus, from, to } = context;
    const offered = await valuesOf(context, model);
    const all = new Map([...offered.keys()].map((variable) => [variable, '.+']));
    const each = new Map([...offered].map(([variable, values]) => [variable, `(${values.map(escaped).join('|')})`]));
    const queries = [
      ...panelsOf(model).flatMap(({ title, targets = [] }) =>
        targets.map(({ refId, expr }) => [`${title} ${refId}`, expr] as const),
      ),
      ...model.annotations.list.flatMap(({ name: of, expr }) => (expr === undefined ? [] : [[of, expr] as const])),
    ];
    const failures: string[] = [];
    for (const [of, expr] of queries) {
      for (const values of [all, each]) {
        const query = fill(expr, values, to - from);
        const range = { query, start: String(from), end: String(to), step: String(INTERVAL_SECONDS) };
        const answer = await prometheus.api('query_range', range).catch((error: Error) => error);
        if (answer instanceof Error) failures.push(`${of}: ${answer.message}: ${query}`);
        else if (!(answer as { result: QueriedSeries[] }).result.some(hasValue) && !(of in NOT_IN_THIS_RUN)) {
          failures.push(`${of}: no answer: ${query}`);
        }
      }
    }
    assert.equal(failures, []);
    assert.ok(queries.length > 5);
  });
}

test('what the alerts read is there', async ({ prometheus }) => {
  const evicted = await prometheus.query('sum(ttlscope_session_outcomes_total{outcome="evicted_early"})');
  assert.ok(Number(evicted[0]!.value![1]) > 0, 'live sessions were evicted');
  for (const metric of [
    'redis_evicted_keys_total',
    'redis_memory_used_bytes',
    'redis_expired_time_cap_reached_total',
    'redis_expired_stale_percentage',
    'redis_client_recent_max_output_buffer_bytes',
  ]) {
    assert.ok((await prometheus.query(metric)).length > 0, metric);
  }
});

suiteOf.run();
