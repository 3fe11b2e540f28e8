import { type Browser, chromium } from 'playwright-core';
import { onPath } from './on-path.ts';

/** The path of a Chromium; `undefined` where none is on PATH. */
export const chromiumPath = onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');

/** A headless Chromium, which the caller closes. @throws {Error} where there is none */
export function startChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no chromium is on PATH');
  // Its sandbox refuses root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: chromiumPath, args });
}
