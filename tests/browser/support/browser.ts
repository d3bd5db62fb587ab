/**
 * Debian's Chromium for tests of the pages: headless, quiet, with no network of its own. The e2e tests drive the hub's pages with
 * it too, and scripts/screenshots.ts takes its pictures. `CAIS_CHROMIUM` names another binary.
 */
import { existsSync } from 'node:fs';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export interface Browser extends AsyncDisposable {
  /** A page of a person of its own: no cookie, no storage, English, light. Closing it forgets all. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
}

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Where Chromium is on this machine, or undefined. */
export function chromiumPath(): string | undefined {
  return [process.env['CAIS_CHROMIUM'], ...candidates].find((path) => path !== undefined && existsSync(path));
}

/** Goes there. Bridges that other tests make break what Chromium is fetching; a person would press the key again. */
export async function goTo(page: Page, url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await page.goto(url);
      return;
    } catch (error) {
      if (tries === 5 || !String(error).includes('ERR_NETWORK_CHANGED')) throw error;
    }
  }
}

/** Starts Chromium; dispose to end it. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: chromiumPath() ?? 'chromium', args });
  return {
    newPage: (options) =>
      browser.newPage({ locale: 'en-US', viewport: { width: 1280, height: 900 }, ...options }),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
