/** What was said about an image, on its page: provenance and packages. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { spdxDocument } from '../../src/packages/spdx.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { expectAccessible, expectFits } from './support/expect-accessible.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushAttestations, pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const hostile = '<img src=x onerror=document.title="taken">';
const page = '/r/alice/app/tags/1.0';

const provenance = {
  buildDefinition: {
    buildType: 'https://example.com/build',
    externalParameters: {
      configSource: { path: 'Dockerfile' },
      request: { args: { 'build-arg:WHO': hostile } },
    },
    resolvedDependencies: [
      { uri: 'pkg:docker/library/debian@12?platform=linux%2Famd64', digest: { sha256: 'ab'.repeat(32) } },
    ],
  },
  runDetails: {
    builder: { id: 'javascript:alert(1)' },
    metadata: { startedOn: '2026-11-26T19:00:00Z', finishedOn: '2026-11-26T19:00:05Z' },
  },
};

const found = Array.from({ length: 45 }, (_, index) => ({
  installed: {
    kind: index % 3 === 0 ? ('npm' as const) : ('deb' as const),
    name: index === 1 ? hostile : `part-${String(index).padStart(2, '0')}`,
    version: `1.${index}-2+deb12u1`,
    licence: 'GPL-2.0-or-later AND MIT',
  },
  path: 'var/lib/dpkg/status',
}));

describe.skipIf(chromiumPath() === undefined)('attestations', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    const push = { hubUrl: hub.url, username: 'alice', password, repository: 'alice/app', tag: '1.0' };
    const image = await pushImage(push, [['ADD file in /', 4000]]);
    const distribution = { id: 'debian', version: '12' };
    const facts = { name: 'alice/app:1.0', created: new Date(), version: '1.0', distribution, remark: '' };
    await pushAttestations(push, image, [
      { type: 'https://slsa.dev/provenance/v1', text: JSON.stringify(provenance) },
      { type: 'https://spdx.dev/Document', text: JSON.stringify(spdxDocument(found, facts)) },
    ]);
    const bare = await pushImage({ ...push, tag: 'bare', run: { Cmd: ['bare'] } }, [['ADD file in /', 2000]]);
    await pushAttestations(push, bare, [
      { type: 'https://spdx.dev/Document', text: JSON.stringify(spdxDocument([], facts)) },
    ]);
    await pushImage({ ...push, tag: 'silent', run: { Cmd: ['silent'] } }, [['ADD file in /', 3000]]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const main = (visitor: Visitor) => visitor.page.getByRole('main');

  test('say where the image is from, as text and nothing else', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open(page);
    await visitor.heading('Provenance').waitFor();
    for (const text of ['javascript:alert(1)', 'a local directory', 'library/debian:12', 'in 5 seconds'])
      await main(visitor).getByText(text).first().waitFor();
    await main(visitor).getByText(hostile).first().waitFor();
    expect(await main(visitor).locator('a[href^="javascript"]').count()).toBe(0);
    expect(await visitor.page.title()).not.toBe('taken');
  });

  test('of an image without packages say that, and offer no search', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/bare');
    await main(visitor).getByText('Nothing in this image was put there by a package manager.').waitFor();
    expect(await main(visitor).getByLabel('Search packages').count()).toBe(0);
  });

  test('list the packages, by kind and by what is typed, in pages', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open(page);
    const rows = main(visitor).getByRole('region', { name: 'Packages of the image' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(20);
    await main(visitor).getByText('45 packages').waitFor();
    await visitor.button('npm 15').click();
    await main(visitor).getByRole('cell', { name: 'part-42' }).waitFor();
    expect(await rows.count()).toBe(15);
    await main(visitor).getByLabel('Search packages').fill('1.42-2');
    await main(visitor).getByRole('cell', { name: 'part-03' }).waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(1);
    await main(visitor).getByLabel('Search packages').fill('nothing like it');
    await visitor.sees('No package matches.');
  });

  test('can be taken home, byte for byte', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open(page);
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      main(visitor).getByRole('link', { name: 'Download: Provenance' }).click(),
    ]);
    const statement = JSON.parse(await Bun.file(await download.path()).text()) as { predicate: object };
    expect(statement.predicate).toEqual(provenance);
  });

  test('of an image that says nothing: how to build one that does', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/silent');
    await main(visitor).getByText('cais build --sbom --push -t NAME .').waitFor();
  });

  test('are accessible in both languages, and fit a phone', async () => {
    await using english = await Visitor.enter(browser, hub);
    await expectAccessible(english, page);
    await using portuguese = await Visitor.enter(browser, hub, {
      locale: 'pt-BR',
      colorScheme: 'dark',
      viewport: { width: 390, height: 800 },
    });
    await expectAccessible(portuguese, page);
    await portuguese.heading('Procedência').waitFor();
    await expectFits(portuguese, page);
  });
});
