import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES, type OutcomeName } from '../../src/ledger/outcome.ts';
import { LivePage } from '../../src/metrics/live-page.ts';
import type { LivePoint, LiveState } from '../../src/metrics/live-point.ts';
import { pageFiles } from '../../src/metrics/page-files.ts';
import { LAG_BOUNDS_SECONDS } from '../../src/result/lag-bounds.ts';
import { skipUnless } from '../skip.ts';
import { chromiumPath, startChromium } from '../support/chromium.ts';

const withChromium = skipUnless(test, chromiumPath !== undefined, 'no chromium is on PATH');

const TEN_HOURS = 36_000;
const NO_OUTCOMES = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<OutcomeName, number>;

/** A second of a run whose stale sessions grow and shrink by the minute. */
function pointAt(second: number): LivePoint {
  return {
    atSeconds: second,
    created: 100 * second,
    due: 90 * second,
    heard: 80 * second,
    live: 1_000,
    stale: 10 * (60 - (second % 60)),
    staleBytes: 1_000,
    oldestStaleSeconds: 1,
    lagP50Seconds: 0.5,
    lagP90Seconds: 5,
    lagP99Seconds: second % 2 === 0 ? null : 50,
    evictedEarly: 0,
    evictedStale: 0,
    usedMemoryBytes: 2_000_000,
    maxmemoryBytes: 0,
    lagCounts: LAG_BOUNDS_SECONDS.map(() => second).concat(0),
  };
}

const STATE: LiveState = {
  run: '0123abcd',
  scenario: '<script>alert(1)</script>',
  policy: 'noeviction',
  server: 'redis 7.0.15 at redis://127.0.0.1:6379/0',
  startedAtMs: 0,
  phase: 'measure',
  phases: [
    { phase: 'fill', atSeconds: -65 },
    { phase: 'measure', atSeconds: 0 },
  ],
  planned: 1,
  elapsedSeconds: TEN_HOURS,
  remainingSeconds: null,
  verdict: 'pending',
  reasons: [],
  cohorts: [
    {
      name: '<b>bold</b>',
      attempted: 1,
      live: 1,
      stale: 0,
      outcomes: NO_OUTCOMES,
      lagP50Seconds: null,
      lagP99Seconds: null,
    },
  ],
  thresholds: [],
};

/** A page of a run that the test plays, `before` it is opened and then; what the browser says on its console fails it. */
async function withPage(
  before: (live: LivePage) => void,
  use: (page: Page, live: LivePage) => Promise<void>,
): Promise<void> {
  const live = new LivePage(await pageFiles());
  before(live);
  const server = createServer((request, response) => {
    if (!live.answer(request.url!, request, response)) response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error.stack)));
    await page.clock.install();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await use(page, live);
    assert.equal(said, []);
  } finally {
    await browser.close();
    live.close();
    server.closeAllConnections();
    server.close();
  }
}

function begun(live: LivePage): void {
  live.events.state(STATE);
}

function tenHours(live: LivePage): void {
  for (let second = 0; second < TEN_HOURS; second++) live.events.point(pointAt(second));
  live.events.state(STATE);
}

const tile = (page: Page, title: string): Promise<string[]> =>
  page
    .locator('#figures div', { has: page.getByText(title, { exact: true }) })
    .locator('dd')
    .allInnerTexts();

withChromium('after ten hours the figures are those of now, and the tables have the extremes', () =>
  withPage(tenHours, async (page) => {
    await page.getByText('measure · 10:00:00 elapsed').waitFor();
    assert.equal(await tile(page, 'Stale sessions'), ['10', 'holding 1 kB'], 'of the last second, not of its row');
    assert.equal(await tile(page, 'Lag p99'), ['50.0 s', '99 of 100, the stale counted']);
    assert.equal(await tile(page, 'Memory'), ['2 MB', 'no maxmemory']);
    await page.getByRole('button', { name: 'Stale sessions: show as a table' }).click();
    const [latest] = await page.getByRole('region', { name: 'Stale sessions' }).locator('tbody tr td').allInnerTexts();
    assert.is(latest, '10 to 320', 'a row of 32 s');
    await page.getByRole('button', { name: 'Memory: show as a table' }).click();
    const cells = page.getByRole('region', { name: 'Memory' }).locator('tbody tr:first-child td');
    assert.equal(await cells.allInnerTexts(), ['2 MB', '1 kB', 'no limit']);
    await page.getByText('p99 50.0 s to not reached').waitFor();
  }),
);

withChromium('names are texts; phases say how long they took, and one that was never entered stays ahead', () =>
  withPage(begun, async (page, live) => {
    await page.getByRole('heading', { name: '<script>alert(1)</script> · run 0123abcd' }).waitFor();
    await page.getByRole('rowheader', { name: '<b>bold</b>' }).waitFor();
    assert.is(await page.locator('#phases .past').textContent(), 'fill 1:05');
    assert.is(await page.locator('#phase').textContent(), 'Phase: measure', 'what a screen reader announces');
    live.events.state({ ...STATE, phase: 'done', verdict: 'aborted', reasons: ['SIGINT'] });
    await page.locator('#verdict[data-state="aborted"]').waitFor();
    assert.equal(await page.locator('#phases .ahead').allInnerTexts(), ['cut off', 'reconcile', 'clean up']);
  }),
);

withChromium('a server that hangs is told by its silence, and is asked again', () =>
  withPage(begun, async (page) => {
    await page.locator('#connection[data-state="live"]').waitFor();
    await page.clock.runFor(12_000);
    await page.locator('#connection[data-state="lost"]').waitFor();
    await page.clock.runFor(2_000);
    await page.locator('#connection[data-state="live"]').waitFor();
  }),
);

test.run();
