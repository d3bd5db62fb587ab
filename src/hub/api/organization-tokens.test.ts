/** Access tokens of organizations: the organization's name with one of them signs a program in. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { Acme } from '../testing/acme.ts';
import { basic, bodyOf } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const path = '/v2/orgs/acme/access-tokens';

function resource(of: string, ...scopes: readonly string[]): object {
  return { type: 'TYPE_REPO', path: of, scopes };
}

async function make(acme: Acme, ...resources: readonly object[]): Promise<{ id: string; token: string }> {
  const response = await acme.send('alice', 'POST', path, { label: 'ci', resources });
  expect(response.status).toBe(201);
  return bodyOf(response);
}

/** What the organization may do with a repository by this secret, on the registry. */
async function actions(acme: Acme, secret: string, repository: string): Promise<string> {
  const form = { grant_type: 'password', username: 'acme', password: secret };
  const scope = `repository:${repository}:pull,push,delete`;
  const body = new URLSearchParams({ ...form, scope }).toString();
  const response = await acme.hub.send('POST', '/token', { body });
  if (response.status !== 200) return String(response.status);
  return (await bodyOf<{ scope: string }>(response)).scope.split(':').at(2) ?? '';
}

describe('an access token of an organization', () => {
  test('opens the repositories that it names, as far as its scope goes, and what is public', async () => {
    await using acme = await Acme.create();
    await acme.createPrivate('app');
    await acme.createPrivate('other');
    await acme.hub.pushImage('bob', 'bob/open', 'latest');
    const pull = await make(acme, resource('acme/app', 'repo-pull'), resource('*/*/public', 'repo-pull'));
    expect(pull.token).toMatch(/^dckr_oat_[\w-]{43}$/);
    expect(await actions(acme, pull.token, 'acme/app')).toBe('pull');
    expect(await actions(acme, pull.token, 'acme/other')).toBe('');
    expect(await actions(acme, pull.token, 'bob/open')).toBe('pull');
    const push = await make(acme, resource('acme/app', 'repo-pull', 'repo-push'));
    expect(await actions(acme, push.token, 'acme/app')).toBe('pull,push');
    const all = await make(acme, resource('acme/*', 'repo-delete'));
    expect(await actions(acme, all.token, 'acme/other')).toBe('pull,push,delete');
    expect(await actions(acme, all.token, 'acme/new')).toBe('pull,push,delete');
    const open = await make(acme, resource('*/*/public', 'repo-pull'));
    expect(await actions(acme, open.token, 'acme/app')).toBe('');
    expect(await actions(acme, open.token, 'bob/open')).toBe('pull');
  });

  test('is shown once, listed with who made it, renamed, stopped and deleted', async () => {
    await using acme = await Acme.create();
    const { id, token } = await make(acme, resource('acme/app', 'repo-push'));
    await make(acme, resource('acme/*', 'repo-admin'));
    expect(await actions(acme, token, 'acme/app')).toBe('pull,push');
    const list = await acme.json('alice', 'GET', `${path}?page=2&page_size=1`);
    expect(list).toMatchObject({
      total: 2,
      next: null,
      results: [
        {
          id,
          label: 'ci',
          created_by: 'alice',
          is_active: true,
          last_used_at: expect.stringMatching(/^\d{4}-/),
          resources: [{ type: 'TYPE_REPO', path: 'acme/app', scopes: ['repo-push'] }],
        },
      ],
    });
    expect(JSON.stringify(list)).not.toContain(token);
    const changed = await acme.json('alice', 'PATCH', `${path}/${id}`, {
      label: 'build',
      description: 'the build machine',
      is_active: false,
    });
    expect(changed).toMatchObject({ label: 'build', description: 'the build machine', is_active: false });
    expect(await acme.json('alice', 'GET', `${path}/${id}`)).toEqual(changed);
    expect(await actions(acme, token, 'acme/app')).toBe('401');
    await acme.send('alice', 'PATCH', `${path}/${id}`, { is_active: true });
    expect(await actions(acme, token, 'acme/app')).toBe('pull,push');
    expect(await acme.status('alice', 'DELETE', `${path}/${id}`)).toBe(204);
    expect(await acme.status('alice', 'DELETE', `${path}/${id}`)).toBe(404);
    expect(await actions(acme, token, 'acme/app')).toBe('401');
  });

  test('is the business of owners, and of no other organization', async () => {
    await using acme = await Acme.create();
    const { id } = await make(acme, resource('acme/*', 'repo-admin'));
    await acme.join('carol', 'editor');
    await acme.send('bob', 'POST', '/v2/orgs', { orgname: 'other' });
    const body = { label: 'mine', resources: [resource('acme/*', 'repo-admin')] };
    for (const who of ['carol', 'bob', 'root1']) {
      expect(await acme.status(who, 'POST', path, body)).toBe(403);
      expect(await acme.status(who, 'GET', path)).toBe(403);
      expect(await acme.status(who, 'GET', `${path}/${id}`)).toBe(403);
      expect(await acme.status(who, 'PATCH', `${path}/${id}`, { is_active: false })).toBe(403);
      expect(await acme.status(who, 'DELETE', `${path}/${id}`)).toBe(403);
    }
    expect(await acme.status('bob', 'DELETE', `/v2/orgs/other/access-tokens/${id}`)).toBe(404);
    expect(await acme.status('alice', 'GET', `/v2/access-tokens/${id}`)).toBe(404);
    expect(await acme.status('bob', 'POST', '/v2/orgs/other/access-tokens', body)).toBe(400);
  });

  test('does not manage the organization, and is not good for a person of any name', async () => {
    await using acme = await Acme.create();
    const { token } = await make(acme, resource('acme/*', 'repo-admin'));
    const credentials = { identifier: 'acme', secret: token };
    const session = await acme.json<{ access_token: string }>(
      undefined,
      'POST',
      '/v2/auth/token',
      credentials,
    );
    const send = async (method: string, to: string, body?: object): Promise<number> =>
      (await acme.hub.send(method, to, { token: session.access_token, ...(body && { body }) })).status;
    expect(await send('POST', '/v2/repositories', { namespace: 'acme', name: 'made' })).toBe(201);
    expect(await send('PATCH', '/v2/repositories/acme/made', { description: 'by a program' })).toBe(200);
    expect(await send('GET', '/v2/orgs/acme/members')).toBe(403);
    expect(await send('PUT', '/v2/orgs/acme/members/bob', { role: 'owner' })).toBe(403);
    expect(await send('POST', '/v2/access-tokens', { token_label: 'x', scopes: ['repo:read'] })).toBe(403);
    expect((await acme.hub.send('GET', '/token', { headers: basic('alice', token) })).status).toBe(401);
  });

  test.each([
    [[resource('acme/app', 'repo-pull'), resource('acme/other', 'repo-push')]],
    [[resource('bob/app', 'repo-pull')]],
    [[resource('acme', 'repo-pull')]],
    [[resource('*/*', 'repo-pull')]],
    [[]],
  ])('is not made for %j', async (resources) => {
    await using acme = await Acme.create();
    const refused = await acme.send('alice', 'POST', path, { label: 'ci', resources });
    expect(refused.status).toBe(400);
    expect(Object.keys((await bodyOf<{ fields: object }>(refused)).fields)).toEqual(['resources']);
  });
});
