/** What a browser does that does not get a part of the pages: a network that changes, a hub that was updated, one that is away. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright-core';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const scripts = '**/assets/*.js';

describe.skipIf(chromiumPath() === undefined)('a part of the pages that does not come', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    const push = { hubUrl: hub.url, username: 'alice', password, repository: 'alice/app', tag: '1.0' };
    await pushImage(push, [['/bin/sh', 2000]]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  /** The first page, complete, and how often its document was loaded since. React's own word about a crash is no complaint here. */
  async function home(locale = 'en-US'): Promise<{ page: Page; loads: () => number }> {
    const page = await browser.newPage({ locale });
    page.setDefaultTimeout(60_000);
    await page.goto(hub.url);
    await page.waitForLoadState('networkidle');
    let count = 0;
    page.on('request', (request) => {
      if (request.isNavigationRequest()) count++;
    });
    return { page, loads: () => count };
  }

  const field = (page: Page, name = 'Username') => page.getByRole('textbox', { name, exact: true });
  const toSignIn = (page: Page) =>
    page
      .getByRole('link', { name: /^(Sign in|Entrar)$/ })
      .first()
      .click();

  test('is asked for once more', async () => {
    const { page, loads } = await home();
    const broken = new Set<string>();
    await page.route(scripts, (route) => {
      const url = route.request().url();
      if (broken.has(url)) return route.continue();
      broken.add(url);
      return route.abort('internetdisconnected');
    });
    await toSignIn(page);
    await field(page).waitFor();
    expect(broken.size).toBeGreaterThan(0);
    expect(loads()).toBe(0);
    await page.close();
  });

  test('is found by loading the document anew, once, where the hub was updated', async () => {
    const { page, loads } = await home();
    await page.route(scripts, (route) =>
      loads() === 0 ? route.fulfill({ status: 404, body: 'not found' }) : route.continue(),
    );
    await toSignIn(page);
    await field(page).waitFor();
    expect([loads(), new URL(page.url()).pathname]).toEqual([1, '/login']);
    await page.close();
  });

  test.each([
    ['en-US', 'That did not work', 'Load the page anew', 'Username'],
    ['pt-BR', 'Isso não funcionou', 'Carregar a página de novo', 'Nome de usuário'],
  ])('is told where that does not help either, with a button: %s', async (locale, title, button, label) => {
    const { page, loads } = await home(locale);
    const gone = new Set<string>();
    await page.route(scripts, (route) => {
      if (loads() === 0) gone.add(route.request().url());
      return gone.has(route.request().url()) ? route.fulfill({ status: 404 }) : route.continue();
    });
    await toSignIn(page);
    await page.getByRole('heading', { name: title }).waitFor();
    expect(loads()).toBe(1);
    await page.unroute(scripts);
    await page.getByRole('button', { name: button }).click();
    await field(page, label).waitFor();
    await page.close();
  });

  test('is told at once while the hub does not answer: nothing is loaded anew', async () => {
    const { page, loads } = await home();
    await page.route('**/*', (route) => route.abort('connectionrefused'));
    await toSignIn(page);
    await page.getByRole('heading', { name: 'That did not work' }).waitFor();
    expect(loads()).toBe(0);
    await page.close();
  });

  test('is told in its place where it is one of several, and the rest of the page stays', async () => {
    const { page, loads } = await home();
    await page.getByRole('link', { name: 'alice/app' }).first().click();
    await page.getByRole('heading', { name: 'alice/app' }).waitFor();
    await page.waitForLoadState('networkidle');
    await page.route(scripts, (route) => route.fulfill({ status: 404 }));
    await page.getByRole('tab', { name: /Tags/ }).click();
    await page.getByText('This part of the page could not be loaded.').waitFor();
    expect(await page.getByRole('heading', { name: 'alice/app' }).count()).toBe(1);
    expect(loads()).toBe(0);
    await page.unroute(scripts);
    await page.getByRole('button', { name: 'Load the page anew' }).click();
    await page.getByRole('link', { name: '1.0' }).first().waitFor();
    await page.close();
  });

  test('is told in words of its own where it is the first: the language', async () => {
    const page = await browser.newPage();
    await page.route(/\/assets\/en-.*\.js/, (route) => route.fulfill({ status: 404 }));
    await page.goto(hub.url);
    await page.getByRole('button', { name: 'Reload' }).waitFor();
    await page.unroute(/\/assets\/en-.*\.js/);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Your images, on your own quay' }).waitFor();
    await page.close();
  });
});
