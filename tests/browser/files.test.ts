/** What is inside an image and what changed in it, on the hub's pages in a real browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { archiveOf } from './support/archive.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage, type Step } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

/** Names and a text that try to be more. */
const hostile = '<img src=x onerror=document.title="taken">';
const base: Record<string, string | { leadsTo: string }> = {
  'etc/motd': 'one\ntwo\nthree\n',
  'etc/passwd': 'root:x:0:0\n',
  'bin/sh': 'program\0',
  lib: { leadsTo: 'usr/lib' },
  [`tmp/${hostile}`]: `<script>document.title = 'taken'</script>`,
  'tmp/a\u202egpj.exe': 'turned around',
};

describe.skipIf(chromiumPath() === undefined)('the files of an image', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    const first = ['ADD file in /', await archiveOf(base)] as const;
    const change = { 'etc/motd': 'one\n2\nthree\n', 'etc/.wh.passwd': '', 'srv/new': 'fresh' };
    await push('1.0', [first]);
    await push('2.0', [first, ['bash', await archiveOf(change)]]);
    await push('none', [['ADD nothing that is an archive', 5000]]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const push = (tag: string, steps: readonly Step[]) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository: 'alice/app', tag }, steps);
  const main = (visitor: Visitor) => visitor.page.getByRole('main');

  test('are walked through from the page of a tag, and a text is read in its place', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/2.0');
    await main(visitor).getByRole('link', { name: 'Files' }).click();
    await main(visitor).getByRole('link', { name: 'etc', exact: true }).click();
    await main(visitor).getByRole('link', { name: 'motd' }).click();
    await main(visitor).locator('pre', { hasText: 'one\n2\nthree' }).waitFor();
    expect(new URL(visitor.page.url()).search).toBe('?path=etc&file=etc%2Fmotd');
    await visitor.page.reload();
    await main(visitor).locator('pre', { hasText: 'one\n2\nthree' }).waitFor();
    await visitor.page.goBack();
    await main(visitor).getByRole('link', { name: 'root' }).click();
    await visitor.sees('usr/lib');
    await main(visitor).getByRole('link', { name: 'bin', exact: true }).click();
    await main(visitor).getByRole('link', { name: 'sh', exact: true }).click();
    await visitor.sees(/^This is no text/);
  });

  test('have the names that they have: none of them does anything', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/1.0/files?path=tmp');
    await main(visitor).getByRole('link', { name: hostile }).click();
    await main(visitor).locator('pre', { hasText: 'document.title' }).waitFor();
    expect(await visitor.page.title()).not.toBe('taken');
    // What turns text around stays within its name.
    const name = main(visitor).locator('bdi', { hasText: 'exe' });
    expect(await name.count()).toBe(1);
  });

  test('are compared with those of another tag, line by line', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/2.0');
    await main(visitor).getByRole('link', { name: 'What changed', exact: true }).first().click();
    await main(visitor).getByLabel('Compare with').selectOption('1.0');
    await visitor.sees('1 added, 1 changed, 1 removed');
    await main(visitor).getByRole('link', { name: 'etc/motd' }).click();
    const difference = main(visitor).locator('pre');
    await difference.getByText('+2').waitFor();
    expect((await difference.textContent())?.includes('-two')).toBe(true);
  });

  test('tell what one layer did', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/2.0');
    await main(visitor).getByRole('link', { name: 'What changed in layer 2' }).click();
    await visitor.sees('1 added, 1 changed, 1 removed');
    await main(visitor).getByRole('link', { name: 'etc/passwd' }).click();
    await main(visitor).locator('pre').getByText('-root:x:0:0').waitFor();
  });

  test('that cannot be shown are told so', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/none/files');
    await visitor.sees('These files cannot be shown');
  });

  test('are told in Portuguese as well, and on a phone', async () => {
    const phone = { locale: 'pt-BR', viewport: { width: 390, height: 800 } };
    await using visitor = await Visitor.enter(browser, hub, phone);
    await visitor.open('/r/alice/app/tags/2.0/changes?layer=1');
    await visitor.sees('1 a mais, 1 diferentes, 1 a menos');
    const width = await visitor.page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(390);
  });
});
