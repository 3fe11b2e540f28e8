import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { summarise } from '../../../src/experiment/summary.ts';
import { Tally } from '../../../src/ledger/tally.ts';
import { finding, lagErrorMs } from '../../../src/report/finding.ts';
import { FRAME, WIDTH } from '../../../src/report/html/chart.ts';
import { runReport } from '../../../src/report/html/run-report.ts';
import { sweepPage } from '../../../src/report/html/sweep-page.ts';
import { formatCount, formatLag } from '../../../src/report/precision.ts';
import type { Result } from '../../../src/result/schema.ts';
import { makeSweep, measured, resultOf } from '../../experiment/make-sweep.ts';
import { skipUnless } from '../../skip.ts';
import { chromiumPath, startChromium } from '../../support/chromium.ts';
import { lateTally, makeResult } from '../make-result.ts';

const SCRIPT = '<script>document.title = "taken"</script>';

interface Context {
  browser: Browser;
  directory: string;
}

const pages = suite<Context>('');
pages.before(async (context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'ttlscope-report-'));
  if (chromiumPath !== undefined) context.browser = await startChromium();
});
pages.after(async ({ browser, directory }) => {
  await browser?.close();
  rmSync(directory, { recursive: true });
});
const test = skipUnless(pages, chromiumPath !== undefined, 'no chromium is on PATH');

/** Opens a page from a file; what it says on its console, and whatever it asks for beside, is a failure. */
async function open({ browser, directory }: Context, html: string, use: (page: Page) => Promise<void>): Promise<void> {
  const file = join(directory, 'report.html');
  writeFileSync(file, html);
  const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) said.push(`asked for ${request.url()}`);
  });
  await page.goto(pathToFileURL(file).href);
  await use(page);
  assert.equal(said, []);
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  const wide = page.viewportSize()!.width;
  assert.ok(width <= wide, `${width} px on ${wide}`);
  await page.close();
}

const cellsOf = async (page: Page, heading: string): Promise<string[][]> => {
  const rows = await page
    .locator('section', { has: page.getByRole('heading', { name: heading }) })
    .locator('tbody tr')
    .all();
  return Promise.all(rows.map(async (row) => row.locator('th, td').allTextContents()));
};

test('its figures are those of the result, opened from a file with nothing around it', async (context) => {
  const result = makeResult(
    { [SCRIPT]: lateTally(), other: lateTally((i) => 100 + i) },
    { thresholds: [{ metric: 'expiry_lag', expression: 'p(50)<1s', value: 11.5, ok: false }] },
  );
  const errorMs = lagErrorMs(result);
  await open(context, runReport(result), async (page) => {
    assert.is(await page.title(), 'made: ttlscope', 'a script in a name is a name');
    assert.is(await page.locator('.finding').textContent(), finding(result));
    const rows = await cellsOf(page, 'Cohorts');
    const named: [string, Result['totals']][] = [...Object.entries(result.cohorts), ['all', result.totals]];
    assert.equal(
      rows.map((cells) => cells.slice(0, 6)),
      named.map(
        ([
          name,
          {
            attempted,
            outcomes,
            expiryLagSeconds: { p50 },
          },
        ]) => [
          name,
          ...[attempted, outcomes.expired, outcomes.stale, 1000 * (name === 'all' ? 2 : 1)].map(formatCount),
          formatLag(p50!, errorMs),
        ],
      ),
    );
    assert.equal(await cellsOf(page, 'Thresholds'), [['expiry_lag p(50)<1s', '11.5 s', '✗ no']]);
    assert.match(await page.locator('pre').first().textContent().then(String), 'ttlscope run made.yml');
    const drawn = await page.locator('svg[role=img]').all();
    for (const svg of drawn) assert.ok((await svg.getAttribute('aria-label'))!.length > 20);
    assert.ok(drawn.length >= 3);
  });
});

test('the curve stands where the estimate says: half of them untold until the median', async (context) => {
  const tally = new Tally();
  tally.counts.attempted = 4;
  for (const lagMs of [10, 100, 1_000, 10_000]) tally.expired(lagMs, 'cycle');
  await open(context, runReport(makeResult({ a: tally })), async (page) => {
    const path = (await page.locator('path.line.blue').first().getAttribute('d'))!;
    const points = [...path.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    const levels = [...new Set(points.map(([, y]) => y))];
    // Five levels, a quarter apart, from all to none.
    assert.is(levels.length, 5);
    const steps = levels.slice(1).map((y, i) => y - levels[i]!);
    assert.ok(
      steps.every((step) => Math.abs(step - steps[0]!) < 0.3),
      steps.join(),
    );
    // Decades apart on a logarithmic scale.
    const falls = levels.slice(1).map((level) => points.find(([, y]) => y === level)![0]);
    const apart = falls.slice(1).map((x, i) => x - falls[i]!);
    assert.ok(
      apart.every((width) => Math.abs(width - apart[0]!) < 2),
      apart.join(),
    );
  });
});

test('a line ends where none of its cohort was followed any longer, and each has its marks', async (context) => {
  const [short, long] = [new Tally(), new Tally()];
  for (const tally of [short, long]) tally.counts.attempted = 4;
  for (const lagMs of [10, 20]) short.expired(lagMs, 'cycle');
  for (const forMs of [50, 100]) short.stale(forMs);
  for (const lagMs of [10, 100, 1_000, 10_000]) long.expired(lagMs, 'cycle');
  await open(context, runReport(makeResult({ short, long })), async (page) => {
    const curves = page.locator('figure', { hasText: 'How long the dead stay untold' });
    const endOf = async (colour: string): Promise<number> => {
      const path = (await curves.locator(`path.line.${colour}`).getAttribute('d'))!;
      return Math.max(...[...path.matchAll(/[ML]([\d.]+),/g)].map(([, x]) => Number(x)));
    };
    assert.equal(await curves.locator('li').allTextContents(), ['short', 'long', 'all that fell due']);
    // Of four decades from 1 ms to 10 s the short one was followed through two.
    const [begin, end] = [FRAME.left, WIDTH - FRAME.right];
    assert.ok(Math.abs((await endOf('orange')) - (begin + end) / 2) < 2);
    for (const colour of ['green', 'blue']) assert.ok(Math.abs((await endOf(colour)) - end) < 2, colour);
    assert.is(await curves.locator('.orange .mark').count(), 2);
    assert.is(await curves.locator('.green .mark').count(), 0);
  });
});

test('the text of charts can be read on a phone', async (context) => {
  await open(context, runReport(makeResult()), async (page) => {
    const heights = await page.evaluate<number[]>(
      'Array.from(document.querySelectorAll("svg text")).map((of) => of.getBoundingClientRect().height)',
    );
    assert.ok(heights.length > 20);
    assert.ok(Math.min(...heights) > 9, `${Math.min(...heights)} px`);
  });
});

test('who was evicted is told by cohort, as on the terminal', async (context) => {
  const tally = lateTally();
  tally.counts.attempted += 2;
  for (const remainingMs of [4_000, 6_000]) tally.evictedEarly({ remainingMs, ageMs: 1_000, idleMs: 200 });
  await open(context, runReport(makeResult({ visitors: tally })), async (page) => {
    assert.equal((await cellsOf(page, 'Evicted'))[0]!.slice(0, 3), ['visitors', '2', '2']);
  });
});

test('an invalid run says so before anything else', async (context) => {
  const verdict = { state: 'invalid' as const, reasons: ['a gap of 3 s', SCRIPT] };
  await open(context, runReport(makeResult(undefined, { verdict })), async (page) => {
    assert.equal(await page.locator('.verdict.bad li').allTextContents(), verdict.reasons);
    assert.ok(await page.locator('.verdict.bad + .finding').count());
  });
});

test('a run of an hour with many cohorts is under 600 kB', () => {
  const seconds = Array.from({ length: 3_600 }, (_, i) => i);
  const noise = (scale: number): number[] =>
    seconds.map((i) => Math.round(scale * (1 + ((Math.sin(i * 12.9898) * 43758.5453) % 1))));
  const names = Array.from({ length: 6 }, (_, i) => `cohort-${i}`);
  const cohort = {
    attempted: seconds,
    due: seconds,
    live: noise(5000),
    stale: noise(900),
    oldestStaleSeconds: noise(30),
    expired: seconds,
    evictedEarly: seconds,
    evictedStale: seconds,
    delivered: {
      cycle: { row: seconds, bound: seconds.map((i) => i % 22), count: noise(40) },
      command: { row: seconds, bound: seconds.map((i) => (i * 7) % 22), count: noise(40) },
    },
  };
  const base = makeResult(Object.fromEntries(names.map((name) => [name, lateTally((i) => 50 + i * 17)])));
  const result: Result = {
    ...base,
    totals: { ...base.totals, outcomes: { ...base.totals.outcomes, evicted_early: 10 } },
    serverSamples: {
      ...base.serverSamples,
      atSeconds: seconds,
      series: { usedMemoryBytes: noise(1e8), maxmemoryBytes: noise(2e8) },
    },
    series: {
      ...base.series,
      ...{ atSeconds: seconds, created: seconds, heard: noise(7), live: noise(9), stale: noise(900) },
      ...{ staleMemoryBytes: noise(1e6), evictedEarly: noise(5), evictedStale: noise(5) },
      cohorts: Object.fromEntries(names.map((name) => [name, cohort])),
      lagQuantiles: { row: seconds, p50: noise(3), p90: noise(8), p99: noise(20) },
    },
  };
  const { length } = runReport(result);
  assert.ok(length < 600_000, `${length} bytes`);
  assert.ok(length > 50_000, 'there is something in it');
});

test('a sweep over two settings is a grid of them', async (context) => {
  const lagOf: Record<string, number> = { '10 1': 9_000, '10 5': 4_000, '100 1': 900, '100 5': 300 };
  const cells = Object.entries(lagOf).map(([cell, lagMs]) => {
    const [hz, effort] = cell.split(' ') as [string, string];
    const results = [resultOf(lagMs), resultOf(lagMs + 1)];
    const runs = results.map((result, repeat) => measured(repeat, result));
    return { settings: { hz, 'active-expire-effort': effort }, runs, figures: summarise(results) };
  });
  const axes = [
    { setting: 'hz', values: ['10', '100'] },
    { setting: 'active-expire-effort', values: ['1', '5'] },
  ];
  const sweep = makeSweep({ 10: [measured(0, resultOf(1))] }, { axes, cells, repeats: 2 });
  await open(context, sweepPage(sweep), async (page) => {
    const rows = await cellsOf(page, 'The matrix');
    const text = (ms: number): string => formatLag(ms / 1000, lagErrorMs(resultOf(ms)));
    assert.equal(rows, [
      ['10', text(9_000), text(4_000)],
      ['100', text(900), text(300)],
    ]);
  });
});

test('a sweep: each cell with its figures, and the settings of the front', async (context) => {
  const sweep = makeSweep({
    10: [measured(0, resultOf(900)), measured(1, resultOf(1000))],
    500: [measured(0, resultOf(50)), measured(1, resultOf(60))],
  });
  await open(context, sweepPage(sweep), async (page) => {
    const rows = await cellsOf(page, 'All cells');
    assert.equal(
      rows.map(([cell]) => cell!.replace('✶ ', '')),
      ['10', '500'],
    );
    assert.match(
      await page
        .locator('pre')
        .allTextContents()
        .then((texts) => texts.join('\n')),
      /# lag p50 .*\nhz 500/,
    );
  });
});

test('what is printed is black on white, and nothing is cut off', async (context) => {
  await open(context, runReport(makeResult()), async (page) => {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    // What is left of A4 between margins of 12 mm.
    await page.setViewportSize({ width: 703, height: 1000 });
    assert.is(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)');
    const cut = 'Array.from(document.querySelectorAll(".scroll, pre")).filter((of) => of.scrollWidth > of.clientWidth)';
    assert.is(await page.evaluate(`${cut}.length`), 0);
    for (const text of await page.locator('details pre').all())
      assert.ok((await text.boundingBox())!.height > 20, 'what is folded on a screen is printed');
  });
});

pages.run();
