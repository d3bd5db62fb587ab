/** Organizations on the hub's pages in a real browser: made, filled with people, teams and tokens, left and deleted. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../src/hub-api/client.ts';
import { type Browser, chromiumPath, openBrowser } from './support/browser.ts';
import { expectAccessible, expectFits } from './support/expect-accessible.ts';
import { type HubWithPages, startHubWithPages } from './support/hub-with-pages.ts';
import { password, Visitor } from './support/visitor.ts';

setDefaultTimeout(120_000);

const pagesOfAcme = [
  '/orgs',
  '/organizations/create',
  '/orgs/acme',
  '/orgs/acme/members',
  '/orgs/acme/teams',
  '/orgs/acme/teams/web',
  '/orgs/acme/access-tokens',
  '/orgs/acme/settings',
];

describe.skipIf(chromiumPath() === undefined)('organizations', () => {
  let hub: HubWithPages;
  let browser: Browser;

  /** What alice's organization is from the start: one public and one private repository, a member, an editor, a team. */
  beforeAll(async () => {
    [hub, browser] = await Promise.all([startHubWithPages(), openBrowser()]);
    for (const name of ['alice', 'bob', 'carol', 'dave']) {
      await new HubClient({ baseUrl: hub.url }).signup({
        username: name,
        email: `${name}@example.com`,
        password,
      });
    }
    const alice = await clientOf('alice');
    await alice.organizations.create({ orgname: 'acme', full_name: 'Acme Shipping' });
    await alice.organizations.putMember('acme', 'bob', 'editor');
    await alice.createRepository({ namespace: 'acme', name: 'site' });
    await alice.createRepository({ namespace: 'acme', name: 'secret', is_private: true });
    const { id } = await alice.organizations.createTeam('acme', { name: 'web' });
    await alice.organizations.addTeamMember('acme', 'web', 'carol');
    await alice.grants.putTeam({ namespace: 'acme', name: 'site' }, id, 'write');
    await alice.organizations.createToken('acme', {
      label: 'build machine',
      resources: [{ type: 'TYPE_REPO', path: 'acme/*', scopes: ['repo-push'] }],
    });
  });
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await hub?.[Symbol.asyncDispose]();
  });

  const enter = (options = {}) => Visitor.enter(browser, hub, options);
  const dialog = (visitor: Visitor) => visitor.page.getByRole('dialog');
  const row = (visitor: Visitor, list: string, text: string) =>
    visitor.page.getByRole('list', { name: list }).getByRole('listitem').filter({ hasText: text });

  async function clientOf(username: string): Promise<HubClient> {
    const { token } = await new HubClient({ baseUrl: hub.url }).login({ username, password });
    return new HubClient({ baseUrl: hub.url, token });
  }

  async function enterAs(username: string, path: string): Promise<Visitor> {
    const visitor = await enter();
    await visitor.signIn(username);
    await visitor.open(path);
    return visitor;
  }

  test('one is made from the account menu; its name is looked at while it is typed', async () => {
    await using dave = await enterAs('dave', '/');
    await dave.page.getByRole('button', { name: 'Account menu' }).click();
    await dave.page.getByRole('menuitem', { name: 'My organizations' }).click();
    await dave.sees(/^You belong to no organization yet/);
    await dave.page.getByRole('main').getByRole('link', { name: 'Create organization' }).click();
    const name = dave.page.getByLabel('Organization name');
    await name.fill('No Such');
    await dave.sees(/^Use 2 to 30 lower case letters/);
    await name.fill('alice');
    await dave.sees(/^This name is taken/);
    await name.fill('wharf');
    await dave.page.getByText(/^This name is taken/).waitFor({ state: 'detached' });
    await dave.page.getByLabel('Display name').fill('<b>Wharf</b>');
    await dave.button('Create').click();
    await dave.heading('<b>Wharf</b>').waitFor();
    expect(dave.path).toBe('/orgs/wharf');
    // The one of the page: that of the header names no namespace.
    await dave.page.getByRole('main').getByRole('link', { name: 'Create repository' }).first().click();
    // Once the hub has told that he may.
    await dave.sees(/^Only owners and editors of the organization/);
    expect(await dave.page.getByRole('combobox', { name: 'Namespace' }).inputValue()).toBe('wharf');
    await dave.page.getByLabel('Repository name').fill('crane');
    await dave.button('Create').click();
    await dave.heading('wharf/crane').waitFor();
    expect((await (await clientOf('dave')).repositories('wharf')).count).toBe(1);
  });

  test('what was typed stays when the connection drops', async () => {
    await using dave = await enterAs('dave', '/organizations/create');
    await dave.page.getByLabel('Organization name').fill('pier');
    await dave.page.route('**/v2/orgs', (route) => route.abort());
    await dave.button('Create').click();
    await dave.sees(/connection was lost/);
    expect(await dave.page.getByLabel('Organization name').inputValue()).toBe('pier');
    await dave.page.unroute('**/v2/orgs');
    await dave.button('Create').click();
    await dave.heading('pier').waitFor();
  });

  test('an owner adds somebody by name, changes their role and takes them away', async () => {
    await using alice = await enterAs('alice', '/orgs/acme');
    await alice.page.getByRole('tab', { name: 'Members' }).click();
    await alice.button('Add').click();
    await alice.sees('Enter a username.');
    await alice.page.getByRole('combobox', { name: 'Username' }).fill('nobody-here');
    await alice.button('Add').click();
    await alice.sees('There is no account of this name on this hub.');
    await alice.page.getByRole('combobox', { name: 'Username' }).fill('dave');
    await alice.page.getByLabel('Role', { exact: true }).selectOption('editor');
    await alice.button('Add').click();
    await row(alice, 'Members', 'dave@example.com').waitFor();
    const client = await clientOf('alice');
    const roleOf = async (name: string): Promise<string | undefined> =>
      (await client.organizations.members('acme', { search: name })).results[0]?.role;
    expect(await roleOf('dave')).toBe('Editor');
    const changed = alice.page.waitForResponse((answer) => answer.request().method() === 'PUT');
    await alice.page.getByLabel('Role of dave').selectOption('member');
    await changed;
    expect(await roleOf('dave')).toBe('Member');
    await alice.button('Remove dave').click();
    await dialog(alice).getByText('every right on its repositories').waitFor();
    await dialog(alice).getByRole('button', { name: 'Remove' }).click();
    await row(alice, 'Members', 'dave').waitFor({ state: 'detached' });
    expect(await roleOf('dave')).toBeUndefined();
  });

  test('the last owner can neither step down nor leave, and is told why', async () => {
    await using alice = await enterAs('alice', '/orgs/acme/members');
    await alice.page.getByLabel('Role of alice').selectOption('member');
    await alice.sees('An organization needs an owner. Make somebody else one first.');
    await alice.button('Leave').click();
    await dialog(alice).getByRole('button', { name: 'Leave' }).click();
    await dialog(alice).getByText('An organization needs an owner.').waitFor();
    expect(await alice.page.getByLabel('Role of alice').inputValue()).toBe('owner');
  });

  test('a team is made, gets members and rights on repositories, another name, and an end', async () => {
    await using alice = await enterAs('alice', '/orgs/acme/teams');
    await alice.button('New team').click();
    await dialog(alice).getByLabel('Team name').fill('owners');
    await dialog(alice).getByText('Owners are members with that role, not a team.').waitFor();
    await dialog(alice).getByLabel('Team name').fill('web');
    await dialog(alice).getByRole('button', { name: 'Create' }).click();
    await dialog(alice).getByText('There is a team of this name already.').waitFor();
    await dialog(alice).getByLabel('Team name').fill('ops');
    await dialog(alice).getByRole('button', { name: 'Create' }).click();
    await alice.heading('acme/ops').waitFor();
    await alice.page.getByRole('combobox', { name: 'Username' }).fill('carol');
    await alice.button('Add').first().click();
    await row(alice, 'Members', 'carol').waitFor();
    await alice.page.getByRole('combobox', { name: 'Repository' }).fill('sec');
    await alice.page.getByRole('option', { name: 'secret' }).click();
    await alice.page.getByLabel('May', { exact: true }).selectOption('admin');
    await alice.button('Add').last().click();
    await row(alice, 'Repositories', 'secret').waitFor();
    const carol = await clientOf('carol');
    expect((await carol.repository('acme', 'secret')).permissions.admin).toBe(true);
    const changed = alice.page.waitForResponse((answer) => answer.request().method() === 'POST');
    await alice.page.getByLabel('What may be done with secret').selectOption('read');
    await changed;
    expect((await carol.repository('acme', 'secret')).permissions).toMatchObject({
      read: true,
      write: false,
    });
    await alice.button('Remove secret').click();
    await row(alice, 'Repositories', 'secret').waitFor({ state: 'detached' });
    await expect(carol.repository('acme', 'secret')).rejects.toMatchObject({ name: 'NotFoundError' });
    await alice.button('Remove carol').click();
    await alice.sees('Nobody is in this team yet.');
    await alice.page.getByLabel('Team name').fill('night-watch');
    await alice.button('Save').click();
    await alice.heading('acme/night-watch').waitFor();
    expect(alice.path).toBe('/orgs/acme/teams/night-watch');
    await alice.button('Delete the team').click();
    await dialog(alice).getByRole('button', { name: 'Delete the team' }).click();
    await alice.page.waitForURL('**/orgs/acme/teams');
    await row(alice, 'Teams', 'night-watch').waitFor({ state: 'detached' });
  });

  test('an access token of the organization is shown once, signs in under its name, and is ended', async () => {
    await using alice = await enterAs('alice', '/orgs/acme/access-tokens');
    await alice.button('New access token').click();
    await dialog(alice).getByLabel('Name').fill('<i>crane</i>');
    await dialog(alice).getByLabel('only these').check();
    await dialog(alice).getByRole('button', { name: 'Create' }).click();
    await alice.sees('Choose a repository.');
    await dialog(alice).getByRole('combobox', { name: 'Repositories' }).fill('sec');
    await alice.page.getByRole('option', { name: 'acme/secret' }).click();
    await dialog(alice).getByRole('button', { name: 'Create' }).click();
    await dialog(alice).getByText('login -u acme').waitFor();
    const token = (await dialog(alice).locator('code').first().textContent()) ?? '';
    await dialog(alice).getByRole('button', { name: 'Close', exact: true }).last().click();
    await dialog(alice).waitFor({ state: 'detached' });
    expect((await alice.page.content()).includes(token)).toBe(false);
    await row(alice, 'Access tokens', 'read: acme/secret').waitFor();
    const registry = (repository: string): Promise<Response> =>
      fetch(`${hub.url}/token?service=x&scope=repository:${repository}:pull`, {
        headers: { Authorization: `Basic ${btoa(`acme:${token}`)}` },
      });
    expect((await registry('acme/secret')).status).toBe(200);
    await alice.button('Delete <i>crane</i>').click();
    await dialog(alice).getByRole('button', { name: 'Delete' }).click();
    await row(alice, 'Access tokens', 'acme/secret').waitFor({ state: 'detached' });
    expect((await registry('acme/secret')).status).toBe(401);
  });

  test('its profile is changed, and it is deleted once it is empty and its name was typed', async () => {
    const client = await clientOf('alice');
    await client.organizations.create({ orgname: 'brief' });
    await client.createRepository({ namespace: 'brief', name: 'last' });
    await using alice = await enterAs('alice', '/orgs/brief/settings');
    await alice.page.getByLabel('Display name').fill('Brief & Sons');
    await alice.button('Save').first().click();
    await alice.heading('Brief & Sons').waitFor();
    await alice.button('Delete the organization').click();
    const confirm = dialog(alice).getByRole('button', { name: 'Delete the organization' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog(alice).getByLabel('To be sure, type brief').fill('brief');
    await confirm.click();
    await dialog(alice).getByText('It still has repositories.').waitFor();
    await client.deleteRepository('brief', 'last');
    await confirm.click();
    await alice.heading('My organizations').waitFor();
    await alice.page.getByRole('link', { name: 'acme' }).waitFor();
    expect(await alice.page.getByRole('link', { name: 'brief' }).count()).toBe(0);
  });

  test('a member looks at people and teams, changes nothing, and leaves', async () => {
    await using carol = await enterAs('carol', '/orgs/acme/members');
    await row(carol, 'Members', 'bob').waitFor();
    expect(await carol.page.getByRole('tab').allTextContents()).toEqual(['Repositories', 'Members', 'Teams']);
    expect(await carol.page.getByText('bob@example.com').count()).toBe(0);
    expect(await carol.button('Add').count()).toBe(0);
    await carol.page.getByRole('link', { name: 'web' }).click();
    await row(carol, 'Repositories', 'site').getByText('pull and push').waitFor();
    expect(await carol.button('Remove').count()).toBe(0);
    await carol.open('/orgs/acme/settings');
    await carol.heading('Nothing moored here').waitFor();
    await carol.open('/orgs/acme/members');
    await carol.button('Leave').click();
    await dialog(carol).getByRole('button', { name: 'Leave' }).click();
    await carol.sees(/^You belong to no organization yet/);
    const alice = await clientOf('alice');
    await alice.organizations.addTeamMember('acme', 'web', 'carol');
  });

  test('a stranger sees the public repositories, and nothing of what is inside', async () => {
    await using visitor = await enter();
    await visitor.open('/u/acme');
    await visitor.heading('Acme Shipping').waitFor();
    expect(visitor.path).toBe('/orgs/acme');
    await visitor.page.getByRole('link', { name: 'acme/site' }).waitFor();
    expect(await visitor.page.getByRole('link', { name: 'acme/secret' }).count()).toBe(0);
    expect(await visitor.page.getByRole('tab').count()).toBe(0);
    for (const path of ['/members', '/teams', '/teams/web', '/access-tokens', '/settings']) {
      await visitor.open(`/orgs/acme${path}`);
      await visitor.heading('Nothing moored here').waitFor();
    }
    for (const path of ['/orgs/alice', '/orgs/no-such', '/orgs/acme/teams/no-such']) {
      await visitor.open(path);
      await visitor.heading('Nothing moored here').waitFor();
    }
    await visitor.open('/orgs');
    await visitor.heading('Sign in to go on').waitFor();
  });

  test('a repository is made where one may make some, and a link cannot choose another place', async () => {
    await using bob = await enterAs('bob', '/repositories/create?namespace=alice');
    await bob.page.getByRole('combobox', { name: 'Namespace' }).click();
    await bob.page.getByRole('option', { name: 'acme' }).waitFor();
    expect(await bob.page.getByRole('listbox').getByRole('option').allTextContents()).toEqual([
      'bob',
      'acme',
    ]);
    await bob.page.getByRole('option', { name: 'acme' }).click();
    await bob.sees(/^Only owners and editors of the organization/);
    await bob.page.getByLabel('Repository name').fill('site');
    await bob.sees('There is a repository of this name already.');
    await using carol = await enterAs('carol', '/repositories/create?namespace=acme');
    await carol.page.getByRole('combobox', { name: 'Namespace' }).click();
    expect(await carol.page.getByRole('listbox').getByRole('option').allTextContents()).toEqual(['carol']);
  });

  test('the pages speak Portuguese, and fit a phone', async () => {
    await using alice = await enter({ viewport: { width: 390, height: 800 } });
    await alice.signIn('alice');
    for (const path of pagesOfAcme) await expectFits(alice, path);
    await alice.page.getByLabel('Language').selectOption('pt-BR');
    await alice.heading('Apagar a organização').waitFor();
    for (const path of pagesOfAcme) await expectFits(alice, path);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`axe finds nothing, ${colorScheme}`, async () => {
      await using alice = await enter({ colorScheme });
      await alice.signIn('alice');
      for (const path of pagesOfAcme) await expectAccessible(alice, path);
    });
  }
});
