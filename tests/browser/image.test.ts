/** The page of one image, by tag and by digest: configuration, what only it needs, what was said about it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { type PushedImage, pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const hostile = '<img src=x onerror=document.title="taken">';

describe.skipIf(chromiumPath() === undefined)('the page of an image', () => {
  let hub: HubWithPages;
  let browser: Browser;
  let image: PushedImage;
  let sbom: PushedImage;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await using alice = await Visitor.enter(browser, hub);
    await alice.signUp('alice');
    const push = { hubUrl: hub.url, username: 'alice', password, repository: 'alice/app' };
    const run = {
      Entrypoint: ['/bin/app'],
      Cmd: ['--name', 'a b'],
      Env: ['PATH=/usr/bin', `HOSTILE=${hostile}`],
      ExposedPorts: { '8080/tcp': {} },
      Volumes: { '/data': {} },
      Labels: { [hostile]: 'a label', 'org.opencontainers.image.source': 'javascript:alert(1)' },
      User: 'app',
      StopSignal: 'SIGQUIT',
    };
    image = await pushImage({ ...push, tag: '1.0', run }, [['ADD file in /', 40_000], ['CMD ["bash"]']]);
    await pushImage({ ...push, tag: '2.0', run }, [['ADD another in /', 20_000]]);
    const about = {
      artifactType: 'application/spdx+json',
      subject: { mediaType: image.mediaType, digest: image.digest, size: image.size },
    };
    sbom = await pushImage({ ...push, tag: 'sbom', manifest: about }, [['packages', 900]]);
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const main = (visitor: Visitor) => visitor.page.getByRole('main');

  test('tells what a container starts with, as text and nothing else', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/1.0');
    await visitor.heading('Configuration').waitFor();
    for (const text of ['/bin/app', '["--name","a b"]', '8080/tcp', '/data', 'SIGQUIT', '/usr/bin'])
      await visitor.sees(text);
    await main(visitor).getByText(hostile).first().waitFor();
    expect(await main(visitor).locator('a[href^="javascript"]').count()).toBe(0);
    expect(await visitor.page.title()).not.toBe('taken');
    await visitor.sees('Only in this image');
  });

  test('leads to what was said about it, which is an image by its digest', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open('/r/alice/app/tags/1.0');
    await main(visitor).getByRole('link', { name: 'SBOM' }).click();
    await visitor.page.waitForURL(`**/tags/${sbom.digest}`);
    await visitor.sees('Tags of this image:');
    await main(visitor).getByText(`cais pull alice/app@${sbom.digest}`).waitFor();
    await main(visitor).getByRole('link', { name: 'sbom', exact: true }).click();
    await visitor.page.waitForURL('**/tags/sbom');
  });

  test('is there by digest with its files and layers; what is none is not found', async () => {
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.open(`/r/alice/app/tags/${image.digest}`);
    await visitor.sees('1 layer,');
    await main(visitor).getByRole('link', { name: 'What changed', exact: true }).first().click();
    await visitor.page.waitForURL(`**/${image.digest}/changes`);
    await visitor.open(`/r/alice/app/tags/sha256:${'0'.repeat(64)}`);
    await visitor.heading('Nothing moored here').waitFor();
    await visitor.open('/r/alice/app/tags/sha256:nonsense');
    await visitor.heading('Nothing moored here').waitFor();
  });

  test('fits a phone, in Portuguese', async () => {
    await using visitor = await Visitor.enter(browser, hub, {
      viewport: { width: 390, height: 780 },
      locale: 'pt-BR',
    });
    await visitor.open('/r/alice/app/tags/1.0');
    await visitor.heading('Configuração').waitFor();
    await visitor.sees('Assinaturas e atestados');
    expect(await visitor.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});
