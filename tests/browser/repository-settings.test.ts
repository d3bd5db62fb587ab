/** What the owner of a repository decides, on the hub's pages in a real browser: rights, categories, immutable tags, names, what comes back. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../src/hub-api/client.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { expectAccessible, expectFits } from './support/expect-accessible.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { pushImage } from './support/push-image.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

describe.skipIf(chromiumPath() === undefined)('the settings of a repository', () => {
  let hub: HubWithPages;
  let browser: Browser;
  let client: HubClient;

  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    for (const name of ['root1', 'alice', 'bob']) {
      await new HubClient({ baseUrl: hub.url }).signup({
        username: name,
        email: `${name}@example.com`,
        password,
      });
    }
    client = await clientOf('alice');
    await client.organizations.create({ orgname: 'acme' });
    await client.organizations.createTeam('acme', { name: 'web' });
    await client.createRepository({ namespace: 'acme', name: 'site', is_private: true });
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const push = (repository: string, tag: string) =>
    pushImage({ hubUrl: hub.url, username: 'alice', password, repository, tag }, [['make', 1000]]);
  const dialog = (visitor: Visitor) => visitor.page.getByRole('dialog');
  const row = (visitor: Visitor, list: string, text: string) =>
    visitor.page.getByRole('list', { name: list }).getByRole('listitem').filter({ hasText: text });
  /** The part of the page below this heading. */
  const part = (visitor: Visitor, heading: string) =>
    visitor.page.locator('section').filter({ has: visitor.heading(heading) });

  async function clientOf(username: string): Promise<HubClient> {
    const { token } = await new HubClient({ baseUrl: hub.url }).login({ username, password });
    return new HubClient({ baseUrl: hub.url, token });
  }

  async function enterAs(username: string, path: string): Promise<Visitor> {
    const visitor = await Visitor.enter(browser, hub);
    await visitor.signIn(username);
    await visitor.open(path);
    return visitor;
  }

  test('collaborators are added by name, get another right, and lose it', async () => {
    await client.createRepository({ namespace: 'alice', name: 'shared', is_private: true });
    await using alice = await enterAs('alice', '/r/alice/shared/settings');
    const here = part(alice, 'Collaborators');
    const name = here.getByRole('combobox', { name: 'Username' });
    await name.fill('alice');
    await here.getByRole('button', { name: 'Add' }).click();
    await here.getByText('The repository is theirs already.').waitFor();
    await name.fill('nobody-here');
    await here.getByRole('button', { name: 'Add' }).click();
    await here.getByText('There is no account of this name on this hub.').waitFor();
    await name.fill('bob');
    await here.getByLabel('May', { exact: true }).selectOption('write');
    await here.getByRole('button', { name: 'Add' }).click();
    await row(alice, 'Collaborators', 'bob').waitFor();
    const bob = await clientOf('bob');
    expect((await bob.repository('alice', 'shared')).permissions).toMatchObject({
      write: true,
      admin: false,
    });
    const changed = alice.page.waitForResponse((answer) => answer.request().method() === 'POST');
    await alice.page.getByLabel('What bob may do').selectOption('read');
    await changed;
    expect((await bob.repository('alice', 'shared')).permissions).toMatchObject({ read: true, write: false });
    await alice.button('Remove bob').click();
    await alice.sees('There are no collaborators yet.');
    await expect(bob.repository('alice', 'shared')).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  test('teams of its organization are given rights', async () => {
    await using alice = await enterAs('alice', '/r/acme/site/settings');
    await alice.sees(/only owners and editors of the organization/);
    const here = part(alice, 'Teams');
    await here.getByRole('button', { name: 'Add' }).click();
    await here.getByText('Choose a team.').waitFor();
    await here.getByRole('combobox', { name: 'Team' }).click();
    await alice.page.getByRole('option', { name: 'web' }).click();
    await here.getByRole('button', { name: 'Add' }).click();
    await row(alice, 'Teams', 'web').waitFor();
    const grants = () => client.grants.teams({ namespace: 'acme', name: 'site' });
    expect((await grants()).results).toMatchObject([{ group_name: 'web', permission: 'read' }]);
    await alice.button('Remove web').click();
    await alice.sees('No team has a right here yet.');
    expect((await grants()).count).toBe(0);
  });

  test('what it is about is chosen from the categories', async () => {
    await client.createRepository({ namespace: 'alice', name: 'about' });
    await using alice = await enterAs('alice', '/r/alice/about/settings');
    await alice.page.getByRole('combobox', { name: 'Categories' }).fill('data');
    await alice.page.getByRole('option', { name: 'Data science' }).click();
    await part(alice, 'Categories').getByRole('button', { name: 'Save' }).click();
    await alice.sees('Saved.');
    expect((await client.repository('alice', 'about')).categories).toEqual([
      { slug: 'data-science', name: 'Data science' },
    ]);
    await push('alice/about', '1.0');
    await alice.open('/r/alice/about');
    await alice.sees('Data science');
  });

  test('rules of immutable tags show what they match, and hold once they are saved', async () => {
    for (const tag of ['1.0', '1.1', 'latest']) await push('alice/firm', tag);
    await using alice = await enterAs('alice', '/r/alice/firm/settings');
    const here = part(alice, 'Immutable tags');
    await here.getByLabel('Only tags that a rule matches').check();
    await here.getByRole('button', { name: 'Save' }).click();
    await here.getByText('Enter a rule, or take it away.').waitFor();
    await here.getByLabel('Rule 1', { exact: true }).fill('1[');
    await here.getByText(/^This cannot be a rule/).waitFor();
    await here.getByLabel('Rule 1', { exact: true }).fill('[0-9.]+');
    await here.getByText('Now matches 2 tags: 1.0, 1.1').waitFor();
    await here.getByRole('button', { name: 'Add a rule' }).click();
    await here.getByLabel('Rule 2', { exact: true }).fill('stable');
    await here.getByText('Matches no tag now.').waitFor();
    await here.getByLabel('Take rule 2 away').click();
    await here.getByRole('button', { name: 'Save' }).click();
    await alice.sees('Saved.');
    await expect(client.deleteTag('alice', 'firm', '1.0')).rejects.toMatchObject({ name: 'DeniedError' });
    await client.deleteTag('alice', 'firm', 'latest');
    await alice.page.reload();
    expect(await here.getByLabel('Rule 1', { exact: true }).inputValue()).toBe('[0-9.]+');
    await here.getByLabel('Every tag can be moved').check();
    await here.getByRole('button', { name: 'Save' }).click();
    await alice.sees('Saved.');
    await client.deleteTag('alice', 'firm', '1.0');
  });

  test('it gets another name, and the old address leads to it', async () => {
    await client.createRepository({ namespace: 'alice', name: 'first' });
    await client.createRepository({ namespace: 'alice', name: 'second' });
    await using alice = await enterAs('alice', '/r/alice/first/settings');
    const here = part(alice, 'Rename');
    await here.getByLabel('Repository name').fill('Not This');
    await here.getByText(/^Use lower case letters/).waitFor();
    await here.getByLabel('Repository name').fill('second');
    await here.getByRole('button', { name: 'Rename' }).click();
    await here.getByText('There is a repository of this name already.').waitFor();
    await here.getByLabel('Repository name').fill('team/third');
    await here.getByRole('button', { name: 'Rename' }).click();
    await alice.heading('alice/team/third').waitFor();
    expect(alice.path).toBe('/r/alice/team%2Fthird/settings');
    await alice.open('/r/alice/first');
    await alice.heading('alice/team/third').waitFor();
    expect(alice.path).toBe('/r/alice/team%2Fthird');
  });

  test('it is given to an organization once its name was typed', async () => {
    await client.createRepository({ namespace: 'alice', name: 'gift' });
    await client.createRepository({ namespace: 'acme', name: 'gift' });
    await using alice = await enterAs('alice', '/r/alice/gift/settings');
    const here = part(alice, 'Transfer');
    expect(await here.getByRole('button', { name: 'Transfer' }).isDisabled()).toBe(true);
    await here.getByRole('combobox', { name: 'Namespace' }).click();
    await alice.page.getByRole('option', { name: 'acme' }).click();
    await here.getByRole('button', { name: 'Transfer' }).click();
    const confirm = dialog(alice).getByRole('button', { name: 'Transfer' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog(alice).getByLabel('To be sure, type alice/gift').fill('alice/gift');
    await confirm.click();
    await dialog(alice).getByText('acme has a repository of this name already.').waitFor();
    await client.deleteRepository('acme', 'gift');
    await confirm.click();
    await alice.heading('acme/gift').waitFor();
    expect(alice.path).toBe('/r/acme/gift/settings');
    expect((await client.repository('alice', 'gift')).namespace).toBe('acme');
  });

  test('a deleted tag is brought back, unless there is one of its name again', async () => {
    const { digest } = await push('alice/lost', '1.0');
    await push('alice/lost', '2.0');
    for (const tag of ['1.0', '2.0']) await client.deleteTag('alice', 'lost', tag);
    await push('alice/lost', '2.0');
    await using alice = await enterAs('alice', '/r/alice/lost/settings');
    await row(alice, 'Deleted tags', '1.0')
      .getByText(/^Deleted .* by alice, gone for good in/)
      .waitFor();
    await alice.button('Bring back 2.0').click();
    await row(alice, 'Deleted tags', '2.0').getByText('There is a tag of this name again').waitFor();
    await alice.button('Bring back 1.0').click();
    await alice.sees('1.0 is back.');
    await row(alice, 'Deleted tags', '1.0').waitFor({ state: 'detached' });
    expect((await client.tag('alice', 'lost', '1.0')).digest).toBe(digest);
  });

  test('a deleted repository is found among its owner’s and brought back, under another name where its own is taken', async () => {
    await push('alice/brief', '1.0');
    await using alice = await enterAs('alice', '/r/alice/brief/settings');
    await alice.button('Delete the repository').click();
    await dialog(alice).getByLabel('To be sure, type alice/brief').fill('alice/brief');
    await dialog(alice).getByRole('button', { name: 'Delete the repository' }).click();
    await row(alice, 'Deleted repositories', 'alice/brief').waitFor();
    expect(alice.path).toBe('/u/alice');
    await alice.button('Bring back alice/brief').click();
    await alice.heading('alice/brief').waitFor();
    expect((await client.tags('alice', 'brief')).count).toBe(1);

    await client.deleteRepository('alice', 'brief');
    await client.createRepository({ namespace: 'alice', name: 'brief' });
    await alice.open('/u/alice');
    await alice.button('Bring back alice/brief').click();
    await dialog(alice)
      .getByLabel(/^There is a repository of its name again/)
      .fill('brief');
    await dialog(alice).getByRole('button', { name: 'Bring back' }).click();
    await dialog(alice).getByText('There is a repository of this name already.').waitFor();
    await dialog(alice)
      .getByLabel(/^There is a repository of its name again/)
      .fill('brief-old');
    await dialog(alice).getByRole('button', { name: 'Bring back' }).click();
    await alice.heading('alice/brief-old').waitFor();
    expect((await client.tags('alice', 'brief-old')).count).toBe(1);
  });

  test('are not for who may only push, nor is what was deleted told to others', async () => {
    await push('alice/mine', '1.0');
    await client.createRepository({ namespace: 'alice', name: 'gone' });
    await client.deleteRepository('alice', 'gone');
    await client.grants.putCollaborator({ namespace: 'alice', name: 'mine' }, 'bob', 'write');
    await using bob = await enterAs('bob', '/r/alice/mine/settings');
    await bob.heading('Nothing moored here').waitFor();
    await bob.open('/u/alice');
    await bob.page.getByRole('link', { name: 'alice/mine' }).waitFor();
    expect(await bob.page.getByText('Deleted repositories').count()).toBe(0);
    // Whoever administers it does not own it.
    await client.grants.putCollaborator({ namespace: 'alice', name: 'mine' }, 'bob', 'admin');
    await bob.open('/r/alice/mine/settings');
    await bob.heading('Rename').waitFor();
    expect(await bob.heading('Transfer').count()).toBe(0);
  });

  describe('for everybody', () => {
    const paths = ['/r/alice/full/settings', '/r/acme/full/settings', '/u/alice'];

    beforeAll(async () => {
      for (const namespace of ['alice', 'acme']) {
        const repository = { namespace, name: 'full' };
        await push(`${namespace}/full`, '1.0');
        await push(`${namespace}/full`, 'a-very-long-name-of-a-tag-that-somebody-thought-of');
        await client.deleteTag(namespace, 'full', 'a-very-long-name-of-a-tag-that-somebody-thought-of');
        await client.grants.putCollaborator(repository, 'bob', 'write');
        await client.repositorySettings.setCategories(repository, ['security', 'web-servers', 'gaming']);
        await client.repositorySettings.setImmutableTags(repository, {
          immutable_tags: true,
          immutable_tags_rules: ['v.*', '[0-9.]+'],
        });
      }
      await client.createRepository({ namespace: 'alice', name: 'away' });
      await client.deleteRepository('alice', 'away');
    });

    test('they fit a phone, in Portuguese too', async () => {
      await using alice = await Visitor.enter(browser, hub, { viewport: { width: 390, height: 800 } });
      await alice.signIn('alice');
      for (const path of paths) await expectFits(alice, path);
      await alice.page.getByLabel('Language').selectOption('pt-BR');
      await alice.heading('Repositórios apagados').waitFor();
      for (const path of paths) await expectFits(alice, path);
    });

    test.each(['light', 'dark'] as const)('axe finds nothing, %s', async (colorScheme) => {
      await using alice = await Visitor.enter(browser, hub, { colorScheme });
      await alice.signIn('alice');
      for (const path of paths) await expectAccessible(alice, path);
    });
  });
});
