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

/** Starts Chromium; dispose to end it. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: chromiumPath() ?? 'chromium', args });
  return {
    newPage: (options) =>
      browser.newPage({ locale: 'en-US', viewport: { width: 1280, height: 900 }, ...options }),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
