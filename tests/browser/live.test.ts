/** What happens while a page is open shows on it by itself. */
import { afterAll, beforeAll, describe, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../src/hub-api/client.ts';
import { tokenFor } from '../support/hub-account.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

/** In milliseconds. Pages that only ask now and then do so every fifteen seconds. */
const atOnce = 5000;

describe.skipIf(chromiumPath() === undefined)('a page that is open', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    await new HubClient({ baseUrl: hub.url }).signup({
      username: 'alice',
      email: 'alice@example.com',
      password,
    });
    await push('alice/app', '1.0');
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const enter = (options = {}) => Visitor.enter(browser, hub, options);
  const push = (repository: string, tag: string) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag }, [['/bin/sh', 2000]]);

  async function opened(visitor: Visitor, path: string, stream: string): Promise<void> {
    const connected = visitor.page.waitForResponse((response) => response.url().endsWith(stream));
    await visitor.open(path);
    await connected;
  }

  async function alice(): Promise<HubClient> {
    const { token } = await new HubClient({ baseUrl: hub.url }).login({ username: 'alice', password });
    return new HubClient({ baseUrl: hub.url, token });
  }

  test('shows a push within a second, in the tags and in the activity', async () => {
    await using tags = await enter();
    await using activity = await enter();
    await opened(tags, '/r/alice/app/tags', '/live');
    await opened(activity, '/r/alice/app/activity', '/live');
    await tags.page.getByRole('link', { name: '1.0', exact: true }).waitFor();
    await push('alice/app', '2.0');
    const start = performance.now();
    await Promise.all([
      tags.page.getByRole('link', { name: '2.0', exact: true }).waitFor({ timeout: atOnce }),
      activity.page.getByRole('link', { name: '2.0', exact: true }).waitFor({ timeout: atOnce }),
    ]);
    console.log(`a push shows after ${Math.round(performance.now() - start)} ms`);
    await tags.page.getByRole('status').getByText('alice has pushed 2.0.').waitFor();
  });

  test('shows how far the layers of a push have come', async () => {
    await using visitor = await enter();
    await opened(visitor, '/r/alice/app', '/live');
    const token = await tokenFor(hub.url, 'alice', password, 'repository:alice/app:pull,push');
    const headers = { Authorization: `Bearer ${token}` };
    const begun = await fetch(`${hub.url}/v2/alice/app/blobs/uploads/`, { method: 'POST', headers });
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const sent = fetch(new URL(begun.headers.get('Location') ?? '', hub.url), {
      method: 'PATCH',
      headers,
      body: readable,
    });
    const box = visitor.page.getByRole('region', { name: 'A push is on its way' });
    await writer.write(new Uint8Array(1_500_000));
    await box.getByText('1.5 MB so far').waitFor({ timeout: atOnce });
    await box.getByText('1 layer arriving').waitFor();
    await writer.write(new Uint8Array(1_000_000));
    await box.getByText('2.5 MB so far').waitFor({ timeout: atOnce });
    await writer.close();
    await sent;
    await push('alice/app', '3.0');
    await box.waitFor({ state: 'detached' });
  });

  test('of a repository that becomes private says to others that there is none', async () => {
    await using stranger = await enter();
    await push('alice/closing', '1.0');
    await opened(stranger, '/r/alice/closing', '/live');
    await stranger.sees('Pull');
    await (await alice()).updateRepository('alice', 'closing', { is_private: true });
    await stranger.heading('Nothing moored here').waitFor({ timeout: atOnce });
  });

  test('of who is signed in lists a new repository and what was done', async () => {
    await using visitor = await enter();
    await visitor.signIn('alice');
    await opened(visitor, '/', '/v2/user/live');
    await visitor.heading('What you did last').waitFor();
    await push('alice/fresh', '1.0');
    const links = visitor.page.getByRole('link', { name: 'alice/fresh' });
    await links.first().waitFor({ timeout: atOnce });
  });

  test('takes the stream up again when the connection was lost, and shows what it missed', async () => {
    await using visitor = await enter();
    await opened(visitor, '/r/alice/app/tags', '/live');
    // Everything that the page is made of has come.
    await visitor.page.getByRole('link', { name: '1.0', exact: true }).waitFor();
    await visitor.page.context().setOffline(true);
    await visitor.page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    await push('alice/app', 'meanwhile');
    const again = visitor.page.waitForResponse((response) => response.url().endsWith('/live'));
    await visitor.page.context().setOffline(false);
    await again;
    await visitor.page.getByRole('link', { name: 'meanwhile' }).waitFor({ timeout: atOnce });
  });
});
