/** Search in a real browser: as one types, with filters, and as a link that others open. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('search', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    for (const repository of ['alice/web', 'alice/worker', 'library/web']) {
      await pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag: '1.0' }, [
        ['ADD file in /', 5000],
      ]);
    }
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const result = (visitor: Visitor, name: string) =>
    visitor.page.getByRole('main').getByRole('link', { name, exact: true });

  test('finds as one types, and the address is what was found', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/search');
    await visitor.sees('3 repositories');
    await visitor.page.getByRole('searchbox').pressSequentially('wor');
    await visitor.sees('1 result for “wor”');
    expect(new URL(visitor.page.url()).search).toBe('?q=wor');
    expect(await visitor.page.getByRole('searchbox').inputValue()).toBe('wor');
    await visitor.page.getByRole('searchbox').fill('');
    await visitor.sees('3 repositories');
  });

  test('leaves out what a filter says, and its link opens the same for others', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/search?q=web');
    await result(visitor, 'alice/web').waitFor();
    await visitor.page.getByLabel('Official').click();
    await visitor.sees('1 result for “web”');
    await visitor.page.getByLabel('Sort by').selectOption('Name');
    await visitor.page.getByLabel('Architecture').selectOption('amd64');
    await visitor.page.waitForURL('**/search?q=web&sort=name&architecture=amd64&official=true');
    await using other = await Visitor.enter(browser, hub);
    await other.open(new URL(visitor.page.url()).pathname + new URL(visitor.page.url()).search);
    await result(other, 'web').waitFor();
    expect(await other.page.getByLabel('Official').isChecked()).toBe(true);
    await visitor.page.goBack();
    await visitor.page.goBack();
    await visitor.page.goBack();
    await result(visitor, 'alice/web').waitFor();
    expect(await visitor.page.getByLabel('Official').isChecked()).toBe(false);
  });

  test('that finds nothing says what to do about it', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/search?q=web&stars=1000&sort=nonsense');
    await visitor.heading('No image matches “web”').waitFor();
    await visitor.page.getByRole('link', { name: 'Without filters' }).click();
    await result(visitor, 'alice/web').waitFor();
    expect(await visitor.page.getByLabel('Mine').count()).toBe(0);
  });

  test('finds one’s own, on a phone and in Portuguese', async () => {
    await using alice = await Visitor.enter(browser, hub);
    await alice.signIn('alice');
    await alice.page.setViewportSize({ width: 390, height: 780 });
    await alice.page.evaluate("localStorage.setItem('cais.language', 'pt-BR')");
    await alice.open('/search?q=worker');
    await alice.page.getByLabel('Minhas').click();
    await alice.page.waitForURL('**/search?q=worker&mine=true');
    await result(alice, 'alice/worker').waitFor();
    expect(await alice.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
