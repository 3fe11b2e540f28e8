import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFINITIONS } from '../../src/metrics/definitions.ts';
import { exportOpenMetrics } from '../../src/metrics/openmetrics-export.ts';
import type { Result } from '../../src/result/schema.ts';
import { cli, directory, out } from '../cli/short.ts';
import { unanswered } from '../dashboards/grafana.ts';
import { MODELS } from '../dashboards/model.ts';
import { makeResult } from '../report/make-result.ts';
import { skipUnless } from '../skip.ts';
import { parseExposition } from '../support/exposition.ts';
import { prometheusPath, promtoolPath, startPrometheus } from '../support/prometheus.ts';

const text = (results: readonly Result[], alignAtMs: number | null = null): string =>
  [...exportOpenMetrics(results, alignAtMs)].join('');

/** A series as it is told: name and labels, then times and values. */
function seriesOf(exported: string): Map<string, [number, number][]> {
  const series = new Map<string, [number, number][]>();
  for (const line of exported.split('\n').filter((of) => of !== '' && !of.startsWith('#'))) {
    const [, key, value, at] = /^(\S+\{.*\}) (\S+) ([\d.]+)$/.exec(line)!;
    const samples = series.get(key!) ?? [];
    samples.push([Number(at), Number(value)]);
    series.set(key!, samples);
  }
  return series;
}

test('names, labels and types are those of a live run, and families come once', () => {
  const exported = text([makeResult()]);
  assert.match(exported, /\n# EOF\n$/);
  const families = [...exported.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, family, type]) => `${family} ${type}`);
  assert.is(new Set(families).size, families.length);
  for (const { name, labels } of parseExposition(exported)) {
    const definition = Object.values(DEFINITIONS).find((of) => name.replace(/_(bucket|count|sum)$/, '') === of.name);
    assert.ok(definition, name);
    assert.is(labels.run, '0badcafe');
    for (const label of definition.labels) assert.ok(label in labels, `${name} ${label}`);
  }
});

test('what a result has no account of is not told, and all else is', () => {
  const exported = text([
    makeResult(undefined, { thresholds: [{ metric: 'lost', expression: 'count==0', value: 0, ok: true }] }),
  ]);
  const missing = Object.values(DEFINITIONS).filter(
    ({ name }) => !exported.includes(`# TYPE ${name.replace(/_total$/, '')} `),
  );
  assert.equal(
    missing.map(({ name }) => name.replace('ttlscope_', '')).filter((name) => !name.startsWith('redis_')),
    ['requests_total', 'delivery_delay_seconds', 'schedule_slip_seconds', 'stale_check_sessions', 'threshold'],
  );
});

test('runs are laid over each other when they are aligned, and stand at their times when not', () => {
  const late = makeResult(undefined, { run: '00000002', measuredFromMs: 1_767_330_000_000 });
  const startOf = (exported: string, run: string): number =>
    Math.min(...[...seriesOf(exported)].filter(([key]) => key.includes(run)).map(([, samples]) => samples[0]![0]));
  const apart = text([makeResult(), late]);
  assert.is(startOf(apart, '00000002') - startOf(apart, '0badcafe'), 1_767_330_000 - 1_767_323_046);
  const aligned = text([makeResult(), late], 1_800_000_000_000);
  assert.is(startOf(aligned, '00000002'), startOf(aligned, '0badcafe'));
  assert.is(startOf(aligned, '0badcafe'), 1_800_000_000);
});

skipUnless(
  test,
  prometheusPath !== undefined && promtoolPath !== undefined,
  'prometheus is missing',
)('Prometheus keeps past runs: their blocks say what the results say', async () => {
  const scenario = join(directory, 'past.yml');
  writeFileSync(
    scenario,
    `duration: 3s
server: { maxmemory: 7mb, maxmemory-policy: allkeys-random }
cohorts:
  idle: { sessions: 4000, ttl: 1h, payload: 1000 }
  due: { arrivals: 500/s, ttl: 300ms, payload: 1000 }
thresholds: { lost: ["count==0"] }
`,
  );
  const runs = await Promise.all(
    ['past-1', 'past-2'].map(async (name) => {
      const { code, stderr } = await cli('run', scenario, '--quiet', '--out', out(name));
      // On a busy machine a run may be invalid; its figures are told all the same.
      assert.ok(code === 0 || code === 98, stderr);
      return JSON.parse(readFileSync(join(out(name), 'result.json'), 'utf8')) as Result;
    }),
  );
  const file = join(directory, 'past.om');
  const aligned = '2026-01-02T03:04:05Z';
  const args = ['export', out('past-1'), out('past-2'), '--openmetrics', '--align', aligned, '--out', file];
  assert.equal(await cli(...args), { code: 0, stdout: '', stderr: '' });
  const twice = await cli('export', out('past-1'), out('past-1'), '--openmetrics');
  assert.is(twice.code, 104);
  assert.match(twice.stderr, /is given twice/);
  const blocks = join(directory, 'blocks');
  mkdirSync(blocks);
  execFileSync(promtoolPath!, ['tsdb', 'create-blocks-from', 'openmetrics', file, blocks], { stdio: 'pipe' });
  const prometheus = await startPrometheus('', blocks);
  try {
    const start = Date.parse(aligned) / 1000;
    const ends = runs.flatMap(({ series, serverSamples }) => [
      series.atSeconds.at(-1)!,
      serverSamples.atSeconds.at(-1)!,
    ]);
    const end = start + Math.max(...ends) + 0.001;
    const value = async (expression: string): Promise<number> => {
      const found = await prometheus.query(expression, end);
      assert.is(found.length, 1, `${expression}: ${JSON.stringify(found)}`);
      return Number(found[0]!.value![1]);
    };
    for (const { run, verdict, totals, cohorts, serverSamples } of runs) {
      for (const [cohort, { outcomes }] of Object.entries(cohorts)) {
        for (const outcome of ['expired', 'evicted_early', 'alive', 'stale'] as const) {
          const selected = `ttlscope_session_outcomes_total{run="${run}",cohort="${cohort}",outcome="${outcome}"}`;
          assert.is(await value(selected), outcomes[outcome]);
        }
      }
      assert.ok(totals.outcomes.evicted_early > 0);
      const remaining = `ttlscope_evicted_remaining_ttl_seconds_count{run="${run}"}`;
      const evicted = Object.values(cohorts).reduce(
        (sum, { evictions }) => sum + evictions.remainingTtlSeconds.count,
        0,
      );
      assert.is(await value(`sum(${remaining})`), evicted);
      assert.is(await value(`sum(increase(${remaining}[1h])) > bool 0`), 1, 'told from 0 on');
      const { delivered } = totals.expiryLagSeconds;
      assert.is(await value(`sum(ttlscope_expiry_lag_seconds_count{run="${run}"})`), delivered);
      const used = `ttlscope_redis_memory_used_bytes{run="${run}"}`;
      assert.is(await value(used), serverSamples.series.usedMemoryBytes!.at(-1));
      assert.is(await value(`ttlscope_run_verdict{run="${run}",state="${verdict.state}"}`), 1);
      assert.ok(
        (await value(`histogram_quantile(0.5, sum by (le) (ttlscope_expiry_lag_seconds_bucket{run="${run}"}))`)) > 0,
      );
    }
    const shown = { from: Math.floor(start), to: Math.ceil(end), intervalSeconds: 1 };
    const without = [...(await unanswered(prometheus, MODELS.get('compare-runs')!, shown)).keys()];
    // Most of the dead were in memory at the end, so that no quantile was reached.
    assert.equal(
      without.filter((name) => !/^Lag p(50|99), the stale counted A$/.test(name)),
      [],
    );
  } finally {
    await prometheus.stop();
  }
});

test.run();
