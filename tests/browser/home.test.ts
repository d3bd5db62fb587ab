/** The first page, for strangers and for who is signed in, and the chart of pulls. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../src/hub-api/client.ts';
import { tokenFor } from '../support/hub-account.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('the first page', () => {
  let hub: HubWithPages;
  let browser: Browser;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    for (const username of ['alice', 'bob']) {
      await new HubClient({ baseUrl: hub.url }).signup({
        username,
        email: `${username}@example.com`,
        password,
      });
    }
    await push('alice/first');
    await push('alice/second');
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const enter = (options = {}) => Visitor.enter(browser, hub, options);
  const push = (repository: string) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag: '1.0' }, [
      ['/bin/sh', 20_000],
    ]);
  const linksIn = async (visitor: Visitor, list: string): Promise<string[]> => {
    const links = visitor.page.getByRole('list', { name: list }).getByRole('link');
    await links.first().waitFor();
    return links.allTextContents();
  };

  test('tells a stranger what is here, what is new and how to start', async () => {
    await using visitor = await enter();
    await visitor.open('/');
    await visitor.heading('Your images, on your own quay').waitFor();
    await visitor.heading('How to start').waitFor();
    expect((await linksIn(visitor, 'Popular')).toSorted()).toEqual(['alice/first', 'alice/second']);
    expect(await linksIn(visitor, 'Pushed last')).toEqual(['alice/second', 'alice/first']);
    await visitor.page.getByRole('searchbox').fill('second');
    await visitor.button('Search').click();
    await visitor.page.waitForURL('**/search?q=second');
  });

  test('shows who is signed in what is theirs, and how much it holds', async () => {
    await using alice = await enter();
    await alice.signIn('alice');
    await alice.open('/');
    expect(await linksIn(alice, 'My repositories')).toEqual(['alice/second', 'alice/first']);
    await alice.sees(/^2 repositories, \d+(?:\.\d+)? kB$/);
    await alice.heading('What you did last').waitFor();
  });

  test('makes a repository by its name alone, and says what is wrong with a name', async () => {
    await using bob = await enter();
    await bob.signIn('bob');
    await bob.open('/');
    const name = bob.page.getByRole('main').getByLabel('Repository name');
    await bob.button('Create').click();
    await bob.sees('Give the repository a name.');
    await name.fill('Not <b>allowed');
    await bob.button('Create').click();
    await bob.sees(/^Use lower case letters and digits/);
    await name.fill('quick');
    await bob.page.getByLabel('Private: only you can see it').check();
    await bob.button('Create').click();
    await bob.heading('Nothing pushed yet').waitFor();
    expect(bob.path).toBe('/r/bob/quick');
    await bob.open('/');
    await name.fill('quick');
    await bob.button('Create').click();
    await bob.sees('There is a repository of this name already.');
    expect(await name.inputValue()).toBe('quick');
  });

  test('fits a phone, in Portuguese', async () => {
    await using alice = await enter({ locale: 'pt-BR', viewport: { width: 390, height: 800 } });
    await alice.open('/login');
    await alice.page.getByLabel('Nome de usuário').fill('alice');
    await alice.page.getByLabel('Senha', { exact: true }).fill(password);
    await alice.page.getByRole('main').getByRole('button', { name: 'Entrar' }).click();
    await alice.heading('Novo repositório').waitFor();
    await alice.heading('Pushes recentes').waitFor();
    const { scroll, client } = await alice.page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth,
      client: document.documentElement.clientWidth,
    }));
    expect(scroll).toBe(client);
  });

  test('of a repository says when nobody has pulled it, and draws pulls by day', async () => {
    await using visitor = await enter();
    await visitor.open('/r/alice/second');
    await visitor.sees('Nobody has pulled it in the last 30 days.');
    const token = await tokenFor(hub.url, 'alice', password, 'repository:alice/second:pull');
    for (let times = 0; times < 3; times += 1) {
      await fetch(`${hub.url}/v2/alice/second/manifests/1.0`, {
        headers: { Authorization: `Bearer ${token}` },
      });
    }
    const counted = async (): Promise<number> =>
      (await new HubClient({ baseUrl: hub.url }).pulls('alice', 'second')).pull_count;
    const deadline = Date.now() + 60_000;
    while ((await counted()) < 3 && Date.now() < deadline) await Bun.sleep(50);
    await visitor.page.reload();
    await visitor.page.getByRole('img', { name: '3 pulls in the last 30 days' }).waitFor();
    const table = visitor.page.getByRole('table', { name: '3 pulls in the last 30 days' });
    expect(await table.getByRole('cell').allTextContents()).toEqual(['3']);
    await visitor.page.getByText('7 days', { exact: true }).click();
    await visitor.page.getByRole('img', { name: '3 pulls in the last 7 days' }).waitFor();
  });
});
