/** The client that pages and CLI share, against the API that it is for. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { HubClient, HubInputError } from '../../hub-api/client.ts';
import { DeniedError, NotFoundError, UnauthorizedError, UnavailableError } from '../../lib/errors.ts';
import { HubFixture, origin, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(60_000);

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
