import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../../src/ledger/outcome.ts';
import { DEFINITIONS } from '../../src/metrics/definitions.ts';
import type { Result } from '../../src/result/schema.ts';
import { directory, out } from '../cli/short.ts';
import { skipUnless } from '../skip.ts';
import { parseExposition, type ScrapedSample, sampleValue } from '../support/exposition.ts';
import { onPath } from '../support/on-path.ts';
import { startCli } from '../support/run-cli.ts';

const OPEN_METRICS = { accept: 'application/openmetrics-text; version=1.0.0' };

/** Sessions that live on, that fall due and stay stale for long, and that are evicted before their time. */
const path = join(directory, 'all-outcomes.yml');
writeFileSync(
  path,
  `duration: 4s
server: { maxmemory: 7mb, maxmemory-policy: allkeys-random }
cohorts:
  idle-1.b_c: { sessions: 4000, ttl: 1h, payload: 1000 }
  visitors: { arrivals: 500/s, ttl: { uniform: [100ms, 2s] }, payload: 1000 }
thresholds:
  expiry_lag: ["p(50)<1h"]
  evicted_early: ["count<1"]
  'expiry_lag{cohort:visitors}': ["p(99)<1ms"]
`,
);
const IDLE = 'idle-1.b_c';

async function scrape(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  assert.is(response.status, 200);
  return response.text();
}

/** Scrapes until `done`, as fast as it is answered. */
async function scrapeUntil(url: string, done: (samples: ScrapedSample[]) => boolean): Promise<ScrapedSample[][]> {
  const scrapes: ScrapedSample[][] = [];
  do {
    const samples = parseExposition(await scrape(url));
    if (samples.length > 0) scrapes.push(samples);
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (!done(scrapes.at(-1) ?? []));
  return scrapes;
}

const isPhase =
  (phase: string) =>
  (samples: ScrapedSample[]): boolean =>
    samples.some(({ name, labels, value }) => name === 'ttlscope_run_phase' && labels.phase === phase && value === 1);

const keyOf = ({ name, labels }: ScrapedSample): string => `${name}${JSON.stringify(Object.entries(labels).sort())}`;

const promtool = onPath('promtool');

/** What it has to say. */
function checkByPromtool(text: string): string {
  const { stdout, stderr } = spawnSync(promtool!, ['check', 'metrics'], { input: text, encoding: 'utf8' });
  return stdout + stderr;
}

let lastText = '';

test('what is scraped grows to what the result says, and stays until it has been scraped', async () => {
  const { said, ended, child } = startCli([
    'run',
    path,
    '--out',
    out('metrics'),
    '--metrics',
    '127.0.0.1:0',
    '--metrics-linger',
    '1h',
  ]);
  const [, base] = await said(/metrics at (http:\S+)\/metrics/);
  const url = `${base}/metrics`;
  const scrapes = await scrapeUntil(url, isPhase('done'));
  const last = scrapes.at(-1)!;
  const text = await scrape(url);
  const open = await scrape(url, OPEN_METRICS);
  const again = await scrape(url);
  lastText = text;
  child.kill('SIGINT');
  const { code } = await ended;
  assert.is(code, 99, 'a signal after the end changes nothing of the result');
  const result = JSON.parse(readFileSync(join(out('metrics'), 'result.json'), 'utf8')) as Result;

  assertEqualsResult(last, result);
  assertSeriesEndAsResult(result);
  assertSeries(scrapes);

  assert.is(again, text, 'the text format after OpenMetrics is what it was before');
  assert.match(open, /\n# EOF\n$/);
  const inOpen = parseExposition(open).map((sample) => JSON.stringify(sample));
  assert.equal(
    inOpen,
    parseExposition(text).map((sample) => JSON.stringify(sample)),
  );
  assert.match(open, /# TYPE ttlscope_sessions_created counter\n/);
  assert.match(text, /# TYPE ttlscope_sessions_created_total counter\n/);
});

function assertEqualsResult(last: ScrapedSample[], result: Result): void {
  const of = (name: string, labels: Record<string, string> = {}): number =>
    sampleValue(last, `ttlscope_${name}`, { run: last[0]!.labels.run!, scenario: 'all-outcomes', ...labels });
  assert.equal(Object.keys(result.cohorts), [IDLE, 'visitors']);
  assert.ok(result.totals.outcomes.evicted_early > 0 && result.totals.outcomes.expired > 0);
  for (const [cohort, tally] of Object.entries(result.cohorts)) {
    for (const outcome of OUTCOMES) {
      assert.is(of('session_outcomes_total', { cohort, outcome }), tally.outcomes[outcome], outcome);
    }
    assert.is(of('sessions_created_total', { cohort }), tally.attempted);
    assert.is(of('sessions', { cohort, state: 'live' }), tally.outcomes.alive);
    assert.is(of('sessions', { cohort, state: 'stale' }), tally.outcomes.stale);
    const sessionBytes = result.staleMemoryBytes.sessionBytes[cohort]!;
    assert.is(of('stale_bytes', { cohort }), tally.outcomes.stale * sessionBytes);
    assert.ok(sessionBytes > 1000, 'more than its payload');
    const { delivered, censored } = tally.expiryLagSeconds;
    assertDue(of('sessions_due_total', { cohort }), delivered + censored + tally.neverNotified);
    assert.is(of('expiry_lag_seconds_count', { cohort, cause: 'cycle' }), tally.causes.cycle);
    assert.is(of('expiry_lag_seconds_count', { cohort, cause: 'command' }), tally.causes.command);
    assert.is(of('evicted_remaining_ttl_seconds_count', { cohort }), tally.evictions.remainingTtlSeconds.count);
    assert.is(of('evicted_overdue_seconds_count', { cohort }), tally.evictions.overdueSeconds.count);
    assertQuantiles((quantile) => of('cohort_expiry_lag_quantile_seconds', { cohort, quantile }), tally);
  }
  assertQuantiles((quantile) => of('expiry_lag_quantile_seconds', { quantile }), result.totals);
  assert.is(of('run_verdict', { state: result.verdict.state }), 1);
  const byLedger = of('stale_check_sessions', { source: 'ledger' });
  const byServer = of('stale_check_sessions', { source: 'server' });
  assert.is(result.instrument.staleCountCheck.state, 'held');
  // The ledger's count has the canaries in it that may or may not be there.
  assert.ok(byServer > 0 && byLedger >= byServer && byLedger - byServer < 10, `${byLedger} and ${byServer}`);
  assert.is(of('run_verdict', { state: 'pending' }), 0);
  for (const { metric, expression, value, ok } of result.thresholds) {
    assert.is(of('threshold_held', { metric, expression }), Number(ok));
    if (value !== null) assert.is(of('threshold_value', { metric, expression }), value);
  }
  assert.is(of('threshold', { metric: 'expiry_lag{cohort:visitors}' }), 0.001);
  assert.is(of('schedule_slip_seconds_count'), result.instrument.scheduleSlipSeconds.count);
  assert.is(of('delivery_delay_seconds_count'), result.instrument.deliveryDelaySeconds.count);
  assert.is(of('redis_evicted_keys_total'), result.serverSamples.series.evictedKeys!.at(-1));
  assert.is(last[0]!.labels.policy, 'allkeys-random');
}

/** What is kept over time ends, at the cut-off, with what the result says. */
function assertSeriesEndAsResult({ series, cohorts }: Result): void {
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
  for (const [name, { attempted, outcomes, causes, expiryLagSeconds, neverNotified }] of Object.entries(cohorts)) {
    const samples = series.cohorts[name]!;
    const { delivered, censored } = expiryLagSeconds;
    assert.equal(
      [samples.attempted, samples.live, samples.stale, samples.expired, samples.evictedEarly].map((of) => of.at(-1)),
      [attempted, outcomes.alive, outcomes.stale, outcomes.expired, outcomes.evicted_early],
      name,
    );
    assertDue(samples.due.at(-1)!, delivered + censored + neverNotified);
    assert.equal(
      [sum(samples.delivered.cycle.count), sum(samples.delivered.command.count)],
      [causes.cycle, causes.command],
    );
    assert.is(samples.stale.length, series.atSeconds.length);
  }
  const { row, p50 } = series.lagQuantiles;
  assert.ok(row.length > 0 && row.length === p50.length);
  assert.ok(row.every((at, i) => at < series.atSeconds.length && at > (row[i - 1] ?? -1)));
}

/** One that was touched within the error of its deadline was due for a moment, and the counter does not fall. */
function assertDue(counted: number, due: number): void {
  assert.ok(counted >= due && counted <= due * 1.005 + 1, `${counted} of ${due}`);
}

function assertQuantiles(of: (quantile: string) => number, { expiryLagSeconds: lag }: Result['totals']): void {
  for (const [quantile, value] of [
    ['0.5', lag.p50],
    ['0.9', lag.p90],
    ['0.95', lag.p95],
    ['0.99', lag.p99],
    ['0.999', lag.p999],
  ] as const) {
    const none = lag.horizon === null;
    assert.equal(of(quantile), none ? Number.NaN : (value ?? Number.POSITIVE_INFINITY), quantile);
  }
}

/** Nothing appears late, but what the server had not told yet; no counter falls. */
function assertSeries(scrapes: readonly ScrapedSample[][]): void {
  const [first, last] = [scrapes[0]!, scrapes.at(-1)!];
  const isLate = (name: string): boolean =>
    /^ttlscope_(redis_|event_loop_delay|stale_check|threshold_value)/.test(name);
  const atFirst = new Set(first.map(keyOf));
  assert.equal(
    last
      .filter(({ name }) => !isLate(name))
      .map(keyOf)
      .filter((key) => !atFirst.has(key)),
    [],
  );
  assert.ok(!isPhase('done')(first), 'the first scrape was of the run, not of its end');
  const isCounter = ({ name }: ScrapedSample): boolean => /_(total|bucket|count|sum)$/.test(name);
  const before = new Map<string, number>();
  for (const samples of scrapes) {
    for (const sample of samples.filter(isCounter)) {
      const key = keyOf(sample);
      assert.ok(sample.value >= (before.get(key) ?? 0), `${key} fell to ${sample.value}`);
      before.set(key, sample.value);
    }
  }
  const told = new Set(last.map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')));
  const untold = Object.values(DEFINITIONS).filter(({ name }) => !told.has(name) && !isLate(name));
  assert.equal(
    untold.map(({ name }) => name),
    [],
  );
}

skipUnless(
  test,
  promtool !== undefined,
  'promtool is missing',
)('and promtool has nothing to say about it', () => {
  assert.is(checkByPromtool(lastText), '');
  assert.match(checkByPromtool(lastText.replaceAll('_bytes', '_kilobytes')), 'use base unit');
});

test.run();
