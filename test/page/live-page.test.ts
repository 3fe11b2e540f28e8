import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../../src/ledger/outcome.ts';
import { formatBytes, formatCount } from '../../src/report/precision.ts';
import type { Result } from '../../src/result/schema.ts';
import { directory, out } from '../cli/short.ts';
import { skipUnless } from '../skip.ts';
import { chromiumPath, startChromium } from '../support/chromium.ts';
import { parseExposition, sampleValue } from '../support/exposition.ts';
import { startCli } from '../support/run-cli.ts';
import { startCuttingProxy } from './cutting-proxy.ts';

const withChromium = skipUnless(test, chromiumPath !== undefined, 'no chromium is on PATH');

const path = join(directory, 'shown.yml');
writeFileSync(
  path,
  `duration: 9s
server: { maxmemory: 7mb, maxmemory-policy: allkeys-random }
cohorts:
  idle: { sessions: 4000, ttl: 1h, payload: 1000 }
  visitors: { arrivals: 300/s, ttl: { uniform: [100ms, 2s] }, payload: 1000 }
thresholds: { expiry_lag: ["p(99)<1ms"], lost: ["count==0"] }
`,
);

/** What the page may say on its console while a connection of its is cut, and only then. */
const CUT = /^Failed to load resource: net::ERR_/;

/** Notes what a page says and asks for. */
function watch(page: Page, base: string): { said: string[]; asked: string[] } {
  const noted = { said: [] as string[], asked: [] as string[] };
  page.on('console', (message) => noted.said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => noted.said.push(`error: ${error.stack}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) noted.asked.push(request.url());
  });
  return noted;
}

const figure = (page: Page, title: string): Promise<string> =>
  page
    .locator('#figures div', { has: page.getByText(title, { exact: true }) })
    .locator('dd')
    .first()
    .textContent()
    .then((text) => text!);

const count = (text: string): number => Number(text.replaceAll(',', ''));

/** So many sessions at least are on the page within some seconds. */
async function showsCreated(page: Page, least: number): Promise<void> {
  const deadline = performance.now() + 5_000;
  for (;;) {
    const shown = count(await figure(page, 'Sessions created'));
    if (shown >= least) return;
    assert.ok(performance.now() < deadline, `${shown} sessions on the page after 5 s, and not ${least}`);
    await page.waitForTimeout(50);
  }
}

const isInState = (page: Page, state: string): Promise<void> =>
  page.locator(`#connection[data-state="${state}"]`).waitFor({ timeout: 15_000 });

/** The table beside a chart, opened by the keyboard. */
async function tableOf(page: Page, title: string): Promise<string[]> {
  const button = page.getByRole('button', { name: `${title}: show as a table` });
  if ((await button.getAttribute('aria-pressed')) === 'false') await button.press('Enter');
  return page.getByRole('region', { name: title }).locator('tbody tr').allInnerTexts();
}

withChromium('the page shows what happens, and in the end what the result says', async () => {
  const cli = startCli([
    'run',
    path,
    '--out',
    out('page'),
    '--ui',
    '--metrics',
    '127.0.0.1:0',
    '--metrics-linger',
    '1h',
  ]);
  const [, served] = await cli.said(/live page at http:\/\/127.0.0.1:(\d+)\//);
  const proxy = await startCuttingProxy(Number(served));
  const browser = await startChromium();
  try {
    const base = `http://127.0.0.1:${proxy.port}`;
    const page = await browser.newPage();
    const noted = watch(page, base);
    const response = (await page.goto(`${base}/`))!;
    assert.match(response.headers()['content-security-policy']!, /^default-src 'none'; script-src 'self';/);
    await isInState(page, 'live');

    // What a scrape says now is on the page a moment later.
    await page.getByText(/^measure ·/).waitFor({ timeout: 15_000 });
    const scraped = parseExposition(await (await fetch(`${base}/metrics`)).text());
    const created = sampleValue(scraped, 'ttlscope_sessions_created_total', { cohort: 'visitors' }) + 4000;
    await showsCreated(page, created);
    assert.equal(noted, { said: [], asked: [] });

    proxy.cut();
    await isInState(page, 'lost');
    const before = count(await figure(page, 'Sessions created'));
    assert.ok(before >= created);
    proxy.mend();
    await isInState(page, 'live');
    assert.equal(
      noted.said.filter((text) => !CUT.test(text.replace('error: ', ''))),
      [],
    );

    await page.reload();
    await isInState(page, 'live');
    // A page that is loaded anew has what there was.
    await showsCreated(page, before);

    await isInState(page, 'done');
    const late = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    const notedLate = watch(late, base);
    await late.goto(`${base}/`);
    await isInState(late, 'done');
    const result = JSON.parse(readFileSync(join(out('page'), 'result.json'), 'utf8')) as Result;
    await assertShows(page, result);
    await assertShows(late, result);
    const stale = await tableOf(page, 'Stale sessions');
    assert.ok(stale.length >= 9, `${stale.length} seconds`);
    assert.equal(await tableOf(late, 'Stale sessions'), stale, 'what came over a cut connection is the whole history');
    const width = await late.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${width} px on a phone of 360`);
    assert.is(await late.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(20, 24, 27)');
    assert.equal(notedLate, { said: [], asked: [] });
    assert.equal(noted.asked, []);

    cli.child.kill('SIGINT');
    await cli.ended;
    assert.is(await page.locator('#connection').textContent(), 'the run is over', 'it stays when the server is gone');
    await assertShows(page, result);
  } finally {
    await browser.close();
    proxy.close();
    cli.child.kill('SIGKILL');
  }
});

async function assertShows(page: Page, { totals, cohorts, verdict, thresholds, series }: Result): Promise<void> {
  const { outcomes } = totals;
  assert.is(await page.locator('#verdict').getAttribute('data-state'), verdict.state);
  assert.equal(await page.locator('#reasons li').allInnerTexts(), verdict.reasons);
  assert.is(await figure(page, 'Stale sessions'), formatCount(outcomes.stale));
  assert.is(await figure(page, 'Evicted early'), formatCount(outcomes.evicted_early));
  assert.is(await figure(page, 'Sessions created'), formatCount(totals.attempted - outcomes.refused));
  const { delivered, censored } = totals.expiryLagSeconds;
  const due = delivered + censored + totals.neverNotified;
  await page.getByText(`${formatCount(delivered)} of ${formatCount(due)} due were heard`).waitFor();
  const staleBytes = series.staleMemoryBytes.at(-1)!;
  assert.ok(staleBytes > 0 && outcomes.evicted_early > 0);
  const perSession = staleBytes / series.stale.at(-1)!;
  await page.getByText(`holding ${formatBytes(outcomes.stale * perSession)}`).waitFor();
  const seen = OUTCOMES.filter((name) => name !== 'alive' && name !== 'stale' && outcomes[name] > 0);
  const rows = await page.locator('#cohorts tbody tr').all();
  for (const [i, [name, tally]] of Object.entries(cohorts).entries()) {
    const cells = [await rows[i]!.locator('th').textContent(), ...(await rows[i]!.locator('td').allInnerTexts())];
    const { alive, stale } = tally.outcomes;
    const counts = [tally.attempted, alive, stale, ...seen.map((outcome) => tally.outcomes[outcome])];
    assert.equal(cells.slice(0, -2), [name, ...counts.map(formatCount)]);
    assert.is(
      counts.slice(1).reduce((sum, count) => sum + count),
      tally.attempted,
      'the law, on the page',
    );
  }
  const holds = await page.locator('#thresholds tbody td:last-child').allInnerTexts();
  assert.equal(
    holds,
    thresholds.map(({ ok }) => (ok ? '✓ yes' : '✗ no')),
  );
}

test.run();
