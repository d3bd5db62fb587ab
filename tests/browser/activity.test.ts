/** What happened to a repository, on its page and on the home page of who did it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../src/hub-api/client.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('the activity of a repository', () => {
  let hub: HubWithPages;
  let browser: Browser;
  let alice: HubClient;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    alice = await clientOf('alice');
    await clientOf('bob');
    await push('alice/app', '1.0');
    await push('alice/app', '2.0');
    await alice.deleteTag('alice', 'app', '1.0');
    await alice.updateRepository('alice', 'app', { description: 'An app' });
    await fetch(`${hub.url}/v2/repositories/alice/app/collaborators`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await tokenOf('alice')}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ user: 'bob', permission: 'write' }),
    });
    await push('alice/secret', '1.0');
    await alice.updateRepository('alice', 'secret', { is_private: true });
    await alice.createRepository({ namespace: 'alice', name: 'quiet', description: '' });
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const enter = (options = {}) => Visitor.enter(browser, hub, options);
  const push = (repository: string, tag: string) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag }, [['/bin/sh', 2000]]);

  async function tokenOf(username: string): Promise<string> {
    return (await new HubClient({ baseUrl: hub.url }).login({ username, password })).token;
  }

  async function clientOf(username: string): Promise<HubClient> {
    await new HubClient({ baseUrl: hub.url }).signup({
      username,
      email: `${username}@example.com`,
      password,
    });
    return new HubClient({ baseUrl: hub.url, token: await tokenOf(username) });
  }

  async function linesOf(visitor: Visitor, list = 'Activity'): Promise<string[]> {
    const lines = visitor.page.getByRole('list', { name: list }).getByRole('listitem');
    await lines.first().waitFor();
    return (await lines.allTextContents()).map((line) => line.replace(/(?:now|\d+ seconds? ago).*$/, ''));
  }

  test('is in a tab of its page, newest first, with links to who and what', async () => {
    await using visitor = await enter();
    await visitor.signIn('alice');
    await visitor.open('/r/alice/app');
    await visitor.page.getByRole('tab', { name: 'Activity' }).click();
    expect(await linesOf(visitor)).toEqual([
      'alice gave bob the right to read and write',
      'alice changed the settings',
      'alice deleted 1.0',
      'alice pushed 2.0',
      'alice pushed 1.0',
      'alice created the repository',
    ]);
    await visitor.page.getByRole('list', { name: 'Activity' }).getByRole('link', { name: '2.0' }).click();
    await visitor.page.waitForURL('**/r/alice/app/tags/2.0');
  });

  test('tells nobody else who has which rights, and nothing of what they may not see', async () => {
    await using visitor = await enter();
    await visitor.open('/r/alice/app/activity');
    expect(await linesOf(visitor)).not.toContain('alice gave bob the right to read and write');
    await visitor.open('/r/alice/secret/activity');
    await visitor.heading('Nothing moored here').waitFor();
  });

  test('is in the language of the reader, and fits a phone', async () => {
    await using visitor = await enter({ locale: 'pt-BR', viewport: { width: 390, height: 800 } });
    await visitor.open('/r/alice/app/activity');
    await visitor.sees('alterou as configurações');
    const { scroll, client } = await visitor.page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      client: document.documentElement.clientWidth,
    }));
    expect(scroll).toBe(client);
  });
});
