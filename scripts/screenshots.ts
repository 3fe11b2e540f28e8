/** `npm run screenshots`: the pictures of docs/images/, from real runs: live page, report, terminal. Needs Chromium. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { renderSummary } from '../src/report/summary.ts';
import { type Result, resultSchema } from '../src/result/schema.ts';
import { startChromium } from '../test/support/chromium.ts';
import { startCli } from '../test/support/run-cli.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const IMAGES = join(ROOT, 'docs/images');
const WIDTH = 1280;
/** Of a run, on a machine that has other things to do: nobody wants a picture of an invalid one. */
const MOST_TRIES = 4;

const directory = mkdtempSync(join(tmpdir(), 'ttlscope-screenshots-'));
mkdirSync(IMAGES, { recursive: true });
const browser = await startChromium();
try {
  await validResult('eviction', (out) => livePage(browser, out));
  await reportPage(browser);
  await terminal(browser);
} finally {
  await browser.close();
  rmSync(directory, { recursive: true });
}

/** Runs until the result is valid. @param once leaves a result there */
async function validResult(name: string, once: (out: string) => Promise<unknown>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    const out = join(directory, name);
    await once(out);
    const result = resultSchema.parse(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')));
    if (result.verdict.state === 'valid') return result;
    const reasons = result.verdict.reasons.join('; ');
    if (tries === MOST_TRIES) throw new Error(`${name}: ${MOST_TRIES} runs, none of them valid: ${reasons}`);
    process.stderr.write(`${name} again: ${reasons}\n`);
  }
}

/** In the middle of a run with evictions. */
async function livePage(of: Browser, out: string): Promise<void> {
  const args = ['--ui', '--metrics', '127.0.0.1:0', '--metrics-linger', '1h', '--out', out];
  const cli = startCli(['run', join(ROOT, 'scenarios/eviction.yml'), ...args]);
  const [, url] = await cli.said(/live page at (\S+)/);
  const page = await of.newPage({ viewport: { width: WIDTH, height: 900 } });
  await page.goto(url!);
  await page.locator('#connection[data-state="live"]').waitFor();
  await page.getByText(/^measure · .* 0:0[1-5] left/).waitFor({ timeout: 60_000 });
  await page.screenshot({ path: join(IMAGES, 'live-page.png'), fullPage: true });
  await page.locator('#connection[data-state="done"]').waitFor({ timeout: 60_000 });
  await page.close();
  cli.child.kill('SIGINT');
  await cli.ended;
}

async function reportPage(of: Browser): Promise<void> {
  const page = await of.newPage({ viewport: { width: WIDTH, height: 1500 } });
  await page.goto(pathToFileURL(join(directory, 'eviction/report.html')).href);
  await page.screenshot({ path: join(IMAGES, 'report.png') });
}

/** The summary as a terminal shows it: bold, green and red are all the colours that it has. */
async function terminal(of: Browser): Promise<void> {
  const scenario = join(ROOT, 'scenarios/quickstart.yml');
  const result = await validResult('quickstart', (out) => startCli(['run', scenario, '--quiet', '--out', out]).ended);
  const page = await of.newPage({ viewport: { width: 780, height: 400 } });
  await page.setContent(
    '<pre style="margin:0;padding:16px;background:#14181b;color:#e5e9ec;font:14px/1.4 monospace;width:max-content"></pre>',
  );
  const shown = await page.$('pre');
  const styles: Record<string, string> = { 1: 'font-weight:bold', 31: 'color:#ff8577', 32: 'color:#3fc59a' };
  for (const piece of renderSummary(result, { colour: true })
    .split('\x1b[')
    .map((text, i) => (i === 0 ? `0m${text}` : text))) {
    const [, code, text] = /^(\d+)m(.*)$/s.exec(piece)!;
    await shown!.evaluate(
      (pre, [style, content]) => {
        const span = pre.ownerDocument.createElement('span');
        span.style.cssText = style!;
        span.textContent = content!;
        pre.append(span);
      },
      [styles[code!] ?? '', text!] as const,
    );
  }
  await shown!.screenshot({ path: join(IMAGES, 'summary.png') });
}
