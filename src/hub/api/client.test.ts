/** The client that pages and CLI share, against the API that it is for. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient } from '../../hub-api/client.ts';
import { HubInputError } from '../../hub-api/client-errors.ts';
import {
  ConflictError,
  DeniedError,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
} from '../../lib/errors.ts';
import { HubFixture, origin, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

function clientOf(hub: HubFixture, token?: string): HubClient {
  return new HubClient({
    baseUrl: origin,
    fetch: (url, init) => hub.fetch(url, init),
    ...(token !== undefined && { token }),
  });
}

function thrownBy(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the client of the JSON API', () => {
  test('goes the way of an organization, from its making to its end', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const alice = clientOf(hub, await hub.session('alice'));
    const bob = clientOf(hub, await hub.session('bob'));
    const { organizations, grants } = alice;
    await organizations.create({ orgname: 'acme' });
    await organizations.update('acme', { full_name: 'Acme Inc.' });
    expect(await bob.organizations.get('acme')).toMatchObject({ full_name: 'Acme Inc.', role: null });
    await organizations.putMember('acme', 'bob', 'member');
    expect((await bob.organizations.mine({ page_size: 5 })).results[0]).toMatchObject({ role: 'Member' });
    const { id } = await organizations.createTeam('acme', { name: 'web' });
    await organizations.updateTeam('acme', 'web', { name: 'front' });
    await organizations.addTeamMember('acme', 'front', 'bob');
    expect((await organizations.team('acme', 'front')).member_count).toBe(1);
    const app = { namespace: 'acme', name: 'team/app' };
    await alice.createRepository({ ...app, is_private: true });
    await grants.putTeam(app, id, 'write');
    expect((await grants.teams(app)).results).toMatchObject([{ group_name: 'front', permission: 'write' }]);
    expect((await bob.organizations.teamRepositories('acme', 'front')).count).toBe(1);
    await grants.removeTeam(app, id);
    await grants.putCollaborator(app, 'bob', 'read');
    expect((await grants.collaborators(app)).results).toEqual([{ user: 'bob', permission: 'read' }]);
    await grants.removeCollaborator(app, 'bob');
    const resources = [{ type: 'TYPE_REPO' as const, path: 'acme/team/app', scopes: ['repo-pull' as const] }];
    const token = await organizations.createToken('acme', { label: 'build', resources });
    expect((await organizations.updateToken('acme', token.id, { is_active: false })).is_active).toBe(false);
    await organizations.deleteToken('acme', token.id);
    expect((await organizations.tokens('acme')).total).toBe(0);
    await organizations.removeTeamMember('acme', 'front', 'bob');
    expect((await organizations.teamMembers('acme', 'front')).count).toBe(0);
    await organizations.deleteTeam('acme', 'front');
    await organizations.removeMember('acme', 'bob');
    expect((await organizations.members('acme')).count).toBe(1);
    expect(await thrownBy(organizations.delete('acme'))).toBeInstanceOf(ConflictError);
    await alice.deleteRepository('acme', 'team/app');
    await organizations.delete('acme');
    expect(await thrownBy(organizations.get('acme'))).toBeInstanceOf(NotFoundError);
  });

  test('decides about a repository, and brings back what was deleted', async () => {
    await using hub = await HubFixture.create('alice');
    const alice = clientOf(hub, await hub.session('alice'));
    const { repositorySettings, deleted } = alice;
    await hub.pushImage('alice', 'alice/app', 'v1');
    const app = { namespace: 'alice', name: 'app' };
    expect((await repositorySettings.categories()).length).toBeGreaterThan(0);
    expect((await repositorySettings.setCategories(app, ['security'])).categories).toHaveLength(1);
    expect(await repositorySettings.verifyRule(app, 'v.')).toEqual({ tags: ['v1'] });
    const rules = { immutable_tags: true, immutable_tags_rules: ['v.'] };
    expect((await repositorySettings.setImmutableTags(app, rules)).immutable_tags_settings).toEqual({
      enabled: true,
      rules: ['v.'],
    });
    await repositorySettings.setImmutableTags(app, { immutable_tags: false });
    expect((await repositorySettings.move(app, { name: 'web' })).name).toBe('web');
    const web = { namespace: 'alice', name: 'web' };
    await alice.deleteTag('alice', 'web', 'v1');
    const [tag] = (await deleted.tags(web)).results;
    expect((await deleted.restoreTag(web, tag?.id ?? '')).name).toBe('v1');
    await alice.deleteRepository('alice', 'web');
    const [repository] = (await deleted.repositories('alice')).results;
    expect((await deleted.restoreRepository('alice', repository?.id ?? '', 'site')).name).toBe('site');
    expect((await alice.updateUser({ full_name: 'Alice A.' })).full_name).toBe('Alice A.');
  });

  test('goes the way from an account to a tag and back', async () => {
    await using hub = await HubFixture.create();
    const visitor = clientOf(hub);
    expect(await visitor.currentUser()).toBeUndefined();
    await visitor.signup({ username: 'alice', email: 'a@hub.test', password });
    const { token } = await visitor.login({ username: 'alice', password });
    const alice = clientOf(hub, token);
    expect((await alice.currentUser())?.username).toBe('alice');
    await alice.createRepository({ namespace: 'alice', name: 'team/app', description: 'ours' });
    await hub.pushImage('alice', 'alice/team/app', '1.0');
    expect((await alice.updateRepository('alice', 'team/app', { is_private: true })).is_private).toBe(true);
    expect((await alice.repositories('alice', { ordering: 'name' })).count).toBe(1);
    expect((await visitor.repositories('alice')).count).toBe(0);
    expect((await alice.tags('alice', 'team/app', { name: '1' })).results[0]?.name).toBe('1.0');
    expect((await alice.tag('alice', 'team/app', '1.0')).images[0]?.layers).toHaveLength(2);
    expect((await alice.search({ query: 'ours' })).results[0]?.repo_name).toBe('alice/team/app');
    await alice.star('alice', 'team/app');
    expect((await alice.repository('alice', 'team/app')).star_count).toBe(1);
    await alice.unstar('alice', 'team/app');
    await alice.deleteTag('alice', 'team/app', '1.0');
    await alice.deleteRepository('alice', 'team/app');
    await alice.logout();
    expect(await alice.currentUser()).toBeUndefined();
  });

  test('tells refusals apart by their class', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const visitor = clientOf(hub);
    const bob = clientOf(hub, await hub.session('bob'));
    const input = await thrownBy(visitor.signup({ username: 'A', email: 'x', password: 'x' }));
    expect(input).toBeInstanceOf(HubInputError);
    expect(Object.keys((input as HubInputError).fields)).toEqual(['username', 'email', 'password']);
    const login = { username: 'alice', password: 'wrong wrong' };
    expect(await thrownBy(visitor.login(login))).toBeInstanceOf(UnauthorizedError);
    expect(await thrownBy(visitor.repository('alice', 'none'))).toBeInstanceOf(NotFoundError);
    expect(await thrownBy(bob.deleteRepository('alice', 'app'))).toBeInstanceOf(DeniedError);
    for (let tries = 0; tries < 10; tries += 1) await thrownBy(visitor.login(login));
    expect(await thrownBy(visitor.login(login))).toMatchObject({ retryAfter: expect.any(Number) });
    const nowhere = new HubClient({
      baseUrl: 'http://hub.test',
      fetch: () => Promise.reject(new TypeError('refused')),
    });
    expect(await thrownBy(nowhere.search({ query: '' }))).toBeInstanceOf(UnavailableError);
  });
});
