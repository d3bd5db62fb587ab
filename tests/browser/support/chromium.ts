/**
 * Debian's Chromium for page tests: headless, quiet, no network of its own. The e2e tests drive the hub's pages with it too.
 * `CAIS_CHROMIUM` names another binary.
 */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const candidates = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is on this machine, or undefined: then page tests are skipped, saying so. */
export function chromiumPath(): string | undefined {
  return [process.env['CAIS_CHROMIUM'], ...candidates].find((path) => path !== undefined && existsSync(path));
}

/** Starts Chromium. The caller closes it. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath() ?? candidates[0] ?? 'chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
