/** Every page, light and dark, for people who hear it, enlarge it or see few colours: axe-core finds nothing to object. */
import { afterAll, beforeAll, describe, setDefaultTimeout, test } from 'bun:test';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { archiveOf } from './support/archive.ts';
import { expectAccessible } from './support/expect-accessible.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const forEverybody = [
  '/',
  '/login',
  '/signup',
  '/reset-password',
  '/search?q=a',
  '/search?q=zzzz',
  '/api',
  '/no/such/page',
];
const forOwners = [
  '/',
  '/repositories/create',
  '/u/alice',
  '/r/alice/app',
  '/r/alice/app/tags',
  '/r/alice/app/tags/latest',
  '/r/alice/app/activity',
  '/r/alice/files/tags/latest/files?path=etc&file=etc/motd',
  '/r/alice/files/tags/latest/changes?layer=1&file=etc/motd',
  '/r/alice/app/settings',
  '/r/alice/empty',
  '/settings',
  '/admin',
  '/admin/storage',
  '/admin/quotas',
  '/admin/replication',
  '/admin/garbage',
  '/admin/settings',
  '/admin/errors',
];

describe.skipIf(chromiumPath() === undefined)('accessibility', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    await pushImage(
      { hubUrl: hub.url, username: 'alice', password, repository: 'alice/app', tag: 'latest' },
      [['/bin/sh -c #(nop) ADD file:5f2c in / ', 60_000], ['/bin/sh -c #(nop)  CMD ["bash"]']],
    );
    await pushImage(
      { hubUrl: hub.url, username: 'alice', password, repository: 'alice/files', tag: 'latest' },
      [
        ['ADD file in /', await archiveOf({ 'etc/motd': 'welcome\n', 'etc/link': { leadsTo: 'motd' } })],
        ['RUN change', await archiveOf({ 'etc/motd': 'welcome aboard\n', 'etc/.wh.link': '' })],
      ],
    );
    await alice.open('/repositories/create');
    await alice.page.getByLabel('Repository name').fill('empty');
    await alice.button('Create').click();
    await alice.heading('Nothing pushed yet').waitFor();
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`pages for everybody, ${colorScheme}`, async () => {
      await using visitor = await Visitor.enter(browser, hub, { colorScheme });
      for (const path of forEverybody) await expectAccessible(visitor, path);
    });

    test(`pages for owners, ${colorScheme}`, async () => {
      await using alice = await Visitor.enter(browser, hub, { colorScheme });
      await alice.signIn('alice');
      for (const path of forOwners) await expectAccessible(alice, path);
    });
  }
});
