/** The page of the cache: how other registries are, what is kept of them, and taking it out. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { FakeRegistry } from '../support/fake-registry.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('the page of the cache', () => {
  let upstream: FakeRegistry;
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    upstream = new FakeRegistry();
    const settings = { CAIS_HUB_UPSTREAM: `http://${upstream.host} ghcr.io=http://${upstream.host}` };
    [hub, browser] = await Promise.all([startHubWithPages({ settings }), openBrowser()]);
    await using visitor = await Visitor.enter(browser, hub);
    await visitor.signUp('root1');
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
    await upstream?.[Symbol.asyncDispose]();
  });

  async function pull(repository: string): Promise<void> {
    const image = upstream.addImage(repository, 'latest', [crypto.getRandomValues(new Uint8Array(40_000))]);
    const scope = `repository:${repository}:pull`;
    const { token } = (await (await fetch(`${hub.url}/token?scope=${scope}`)).json()) as { token: string };
    const headers = { Authorization: `Bearer ${token}` };
    for (const rest of ['manifests/latest', ...image.layers.map((digest) => `blobs/${digest}`)]) {
      const answer = await fetch(`${hub.url}/v2/${repository}/${rest}`, { headers });
      expect([rest, answer.status]).toEqual([rest, 200]);
      await answer.arrayBuffer();
    }
  }

  test('tells of registries and of what is kept, finds it, and takes a tag, a repository and all of it out', async () => {
    await using root = await Visitor.enter(browser, hub);
    await root.signIn('root1');
    await root.open('/admin/cache');
    await root.sees('Nothing has been pulled from another registry yet.');
    await pull('library/debian');
    await pull('library/alpine');
    await pull('someone/app');
    await root.open('/admin/cache');
    await root.sees('Reachable');
    await root.sees('Not asked yet');
    await root.sees(/of 21\.5 GB are used/);
    await root.sees(/0 of 6 manifests and blobs came out of the cache/);
    await root.sees('3 repositories');
    await root.page.getByLabel('Filter by name').fill('debi');
    await root.sees('1 repository');
    await root.button('Tags of docker.io/library/debian').click();
    await root.button('Remove docker.io/library/debian:latest from the cache').click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await root.button('Remove docker.io/library/debian:latest from the cache').waitFor({ state: 'detached' });
    await root.button('Remove docker.io/library/debian from the cache').click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await root.sees('Nothing that is kept has “debi” in its name.');
    await root.page.getByLabel('Filter by name').fill('');
    await root.sees('2 repositories');
    await root.page.getByRole('combobox', { name: 'Remove what was not pulled' }).click();
    await root.page.getByRole('option', { name: /everything/ }).click();
    await root.button('Prune').click();
    await root.page.getByRole('dialog').getByRole('button', { name: 'Prune' }).click();
    await root.sees(/freed: 2 blobs, 2 manifests/);
    await root.sees('Nothing has been pulled from another registry yet.');
  });
});
