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
import { answersOf, queriesOf, unanswered } from './grafana.ts';
import { MODELS } from './model.ts';

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
    refresh: getex
thresholds:
  expiry_lag: ["p(99)<500ms"]
  "expiry_lag{cohort:visitors}": ["p(99)<500ms"]
  delivery_delay: ["max<1s"]
  schedule_slip: ["max<1s"]
  lost: ["count==0"]
`,
);

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
  const exporter = spawn(
    exporterPath!,
    [`-redis.addr=${url}`, `-web.listen-address=127.0.0.1:${exporterPort}`, '-include-config-metrics'],
    {
      stdio: 'ignore',
    },
  );
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
  process.on('exit', () => cli.child.kill('SIGINT'));
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

for (const [name, model] of MODELS) {
  test(`${name}: each query has an answer`, async ({ prometheus, from, to }) => {
    const failures = await unanswered(prometheus, model, { from, to, intervalSeconds: INTERVAL_SECONDS });
    const unexpected = [...failures].filter(([query]) => !(query in NOT_IN_THIS_RUN));
    assert.equal(unexpected, []);
    assert.ok(queriesOf(model).length > 5);
  });
}

test('a verdict that was pending before is told once', async ({ prometheus, from, to }) => {
  const shown = { from, to, intervalSeconds: INTERVAL_SECONDS };
  for await (const { name, found } of answersOf(prometheus, MODELS.get('session-expiry')!, shown)) {
    if (name !== 'Verdict A') continue;
    const states = (found as QueriedSeries[]).map(({ metric }) => metric.state);
    assert.is(states.length, 1);
    assert.is.not(states[0], 'pending');
  }
});

test('what is listed as not in this run is a query of a panel', () => {
  const names = [...MODELS.values()].flatMap((model) => queriesOf(model).map(({ name }) => name));
  for (const name of Object.keys(NOT_IN_THIS_RUN)) assert.ok(names.includes(name), name);
});

test('what the alerts read is there', async ({ prometheus }) => {
  const evicted = await prometheus.query('sum(ttlscope_session_outcomes_total{outcome="evicted_early"})');
  assert.ok(Number(evicted[0]!.value![1]) > 0, 'live sessions were evicted');
  for (const metric of [
    'redis_evicted_keys_total',
    'redis_memory_used_bytes',
    'redis_expired_time_cap_reached_total',
    'redis_expired_stale_percentage',
    'redis_client_recent_max_output_buffer_bytes',
    'redis_config_key_value{key="notify-keyspace-events", value=~".+"}',
  ]) {
    assert.ok((await prometheus.query(metric)).length > 0, metric);
  }
});

suiteOf.run();
