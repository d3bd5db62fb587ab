/** Every change is in the audit log, once, in the transaction that makes it. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import type { AuditLog, AuditLogPage } from '../../hub-api/types.ts';
import { basic, bodyOf, HubFixture, password } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

/** Oldest first. */
async function logOf(hub: HubFixture, token: string, query = ''): Promise<AuditLog[]> {
  const response = await hub.send('GET', `/v2/system/auditlogs?page_size=100${query}`, { token });
  return (await bodyOf<AuditLogPage>(response)).logs.toReversed();
}

function told({ action, actor, name, data }: AuditLog): string {
  const facts = [
    data['tag'],
    data['member'],
    data['role'],
    data['team'],
    data['to'],
    data['permission'],
    data['privacy'],
  ];
  return [action, actor, name, ...facts].filter(Boolean).join(' ');
}

describe('the audit log', () => {
  test('has every change of repositories: what, by whom, from where', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const token = await hub.session('alice');
    const call = (method: string, path: string, body?: object): Promise<Response> =>
      hub.send(method, path, { token, ...(body && { body }), address: '192.0.2.7' });
    const path = '/v2/repositories/alice/app';
    const { digest } = await hub.pushImage('alice', 'alice/app', '1.0');
    await call('PATCH', path, { description: 'An app' });
    await call('PATCH', `${path}/categories`, [{ slug: 'web-servers' }]);
    await call('PATCH', `${path}/immutabletags`, { immutable_tags: false, immutable_tags_rules: ['v.*'] });
    await call('POST', `${path}/privacy`, { is_private: true });
    await call('POST', `${path}/collaborators`, { user: 'bob', permission: 'write' });
    await call('DELETE', `${path}/collaborators/bob`);
    await call('DELETE', `${path}/tags/1.0`);
    const deleted = await bodyOf<{ results: { id: string }[] }>(await call('GET', `${path}/deleted-tags`));
    await call('POST', `${path}/deleted-tags/${deleted.results[0]?.id}/restore`);
    await call('POST', `${path}/tags/delete`, { tags: ['1.0', 'none'] });
    await call('POST', `${path}/move`, { name: 'other' });
    await call('DELETE', '/v2/repositories/alice/other');
    const gone = await bodyOf<{ results: { id: string }[] }>(
      await call('GET', '/v2/namespaces/alice/deleted-repositories'),
    );
    await call('POST', `/v2/namespaces/alice/deleted-repositories/${gone.results[0]?.id}/restore`, {});
    const log = (await logOf(hub, token)).filter(({ action }) => action.startsWith('repo.'));
    expect(log.map(told)).toEqual([
      'repo.create alice alice/app',
      'repo.tag.push alice alice/app 1.0',
      'repo.update alice alice/app',
      'repo.update alice alice/app',
      'repo.update alice alice/app',
      'repo.change_privacy alice alice/app private',
      'repo.right.change alice alice/app bob write',
      'repo.right.change alice alice/app bob none',
      'repo.tag.delete alice alice/app 1.0',
      'repo.tag.restore alice alice/app 1.0',
      'repo.tag.delete alice alice/app 1.0',
      'repo.move alice alice/other',
      'repo.delete alice alice/other',
      'repo.restore alice alice/other',
    ]);
    expect(log[1]).toMatchObject({
      account: 'alice',
      data: { tag: '1.0', digest },
      outcome: 'done',
      times: 1,
    });
    expect(log[2]).toMatchObject({ address: '192.0.2.7', token: null });
    expect(log[2]?.action_description).toBe('Repository updated: alice/app');
    expect(new Set(log.map((each) => each.request_id)).size).toBe(log.length - 1);
  });

  test('has every change of accounts, organizations and the hub; nothing that opens anything', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const token = await hub.session('alice');
    const secrets = [password, token];
    const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
      const response = await hub.send(method, path, { token, ...(body && { body }) });
      const text = await response.text();
      const answer = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      if (typeof answer['token'] === 'string' && answer['token'] !== '') secrets.push(answer['token']);
      return answer;
    };
    await call('PATCH', '/v2/user', { full_name: 'Alice' });
    const { uuid } = await call('POST', '/v2/access-tokens', { token_label: 'CI', scopes: ['repo:write'] });
    await call('PATCH', `/v2/access-tokens/${String(uuid)}`, { is_active: false });
    await call('DELETE', `/v2/access-tokens/${String(uuid)}`);
    await call('POST', '/v2/orgs', { orgname: 'acme' });
    await call('PATCH', '/v2/orgs/acme', { full_name: 'Acme' });
    await call('PUT', '/v2/orgs/acme/members/bob', { role: 'editor' });
    await call('POST', '/v2/orgs/acme/groups', { name: 'web' });
    await call('PATCH', '/v2/orgs/acme/groups/web', { description: 'Pages' });
    await call('POST', '/v2/orgs/acme/groups/web/members', { member: 'bob' });
    await call('DELETE', '/v2/orgs/acme/groups/web/members/bob');
    await call('DELETE', '/v2/orgs/acme/groups/web');
    await call('DELETE', '/v2/orgs/acme/members/bob');
    await call('POST', '/v2/orgs/acme/access-tokens', {
      label: 'robot',
      resources: [{ type: 'TYPE_REPO', path: 'acme/*', scopes: ['repo-pull'] }],
    });
    await call('DELETE', '/v2/orgs/acme');
    const { id } = await call('POST', '/v2/invites', {});
    await call('DELETE', `/v2/invites/${String(id)}`);
    await call('PATCH', '/v2/system/users/bob', { is_active: false });
    await call('POST', '/v2/users/bob/password-reset', {});
    const changed = 'a new long password';
    await call('POST', '/v2/user/password', { old_password: password, new_password: changed });
    await call('DELETE', '/v2/user/sessions');
    await call('POST', '/v2/logout');
    await hub.query(sql`UPDATE accounts SET is_admin = 1 WHERE name = 'alice'`);
    const login = await hub.send('POST', '/v2/users/login', {
      body: { username: 'alice', password: changed },
    });
    const again = await bodyOf<{ token: string }>(login);
    const log = await logOf(hub, again.token);
    expect(log.map(told)).toEqual([
      'account.create (anonymous) alice',
      'account.create (anonymous) bob',
      'account.sign_in alice alice',
      'account.update alice alice',
      'account.access_token.create alice alice',
      'account.access_token.update alice alice',
      'account.access_token.delete alice alice',
      'org.create alice acme',
      'org.settings.update alice acme',
      'org.member.change alice acme bob editor',
      'org.team.create alice acme web',
      'org.team.update alice acme web',
      'org.team.member.add alice acme bob web',
      'org.team.member.remove alice acme bob web',
      'org.team.delete alice acme web',
      'org.member.remove alice acme bob',
      'account.access_token.create alice acme',
      'org.delete alice acme',
      'hub.invitation.create alice',
      'hub.invitation.delete alice',
      'account.administer alice bob',
      'account.password.reset alice bob',
      'account.password.change alice alice',
      'account.sign_out alice alice',
      'account.sign_out alice alice',
      'account.sign_in alice alice',
    ]);
    const text = JSON.stringify(log);
    expect(secrets.length).toBeGreaterThan(5);
    for (const secret of [...secrets, changed, again.token]) expect(text).not.toContain(secret);
  });

  test('has a push once: who pushes the same again changes nothing, somebody else does', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const session = await hub.session('alice');
    const { bytes, digest } = await hub.pushImage('alice', 'alice/app', '1.0');
    const body = { user: 'bob', permission: 'write' };
    await hub.send('POST', '/v2/repositories/alice/app/collaborators', { token: session, body });
    for (const who of ['alice', 'alice', 'bob', 'bob']) {
      const token = await hub.fullToken(who, 'alice/app');
      for (const reference of ['1.0', digest]) {
        expect((await hub.putManifest(token, 'alice/app', reference, bytes)).status).toBe(201);
      }
    }
    await hub.pushImage('alice', 'alice/app', '1.0', 'newer');
    const pushes = await logOf(hub, session, '&action=repo.tag.push');
    expect(pushes.map(told)).toEqual([
      'repo.tag.push alice alice/app 1.0',
      'repo.tag.push bob alice/app 1.0',
      'repo.tag.push alice alice/app 1.0',
    ]);
  });

  test('tells which access token was used', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const body = { token_label: 'build machine', scopes: ['repo:write'] };
    const made = await hub.send('POST', '/v2/access-tokens', { token: session, body });
    const { token: secret } = await bodyOf<{ token: string }>(made);
    const answer = await hub.send('GET', '/token?scope=repository:alice/app:pull,push', {
      headers: basic('alice', secret),
    });
    const { token } = await bodyOf<{ token: string }>(answer);
    await hub.pushBlob(token, 'alice/app', 'layer');
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    });
    await hub.putManifest(token, 'alice/app', 'latest', index, 'application/vnd.oci.image.index.v1+json');
    const [push] = await logOf(hub, session, '&action=repo.tag.push');
    expect(push).toMatchObject({ actor: 'alice', token: 'build machine' });
  });

  test('and the change are one: what cannot be written down does not happen', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', '1.0');
    const session = await hub.session('alice');
    const token = await hub.fullToken('alice', 'alice/app');
    await hub.query(sql`ALTER TABLE audit RENAME TO hidden`);
    const { bytes } = await hub.pushImage('alice', 'alice/app', '2.0').catch(() => ({ bytes: '' }));
    expect(bytes).toBe('');
    expect((await hub.send('DELETE', '/v2/repositories/alice/app/tags/1.0', { token: session })).status).toBe(
      500,
    );
    await hub.query(sql`ALTER TABLE hidden RENAME TO audit`);
    const tags = await bodyOf<{ tags: string[] }>(
      await hub.send('GET', '/v2/alice/app/tags/list', { token }),
    );
    expect(tags.tags).toEqual(['1.0']);
    const log = await logOf(hub, session, '&action=repo.');
    expect(log.map(told)).toEqual(['repo.create alice alice/app', 'repo.tag.push alice alice/app 1.0']);
  });

  test('says what was done at the shell', async () => {
    await using hub = await HubFixture.create('alice');
    {
      await using shell = await hub.openParts();
      await shell.changes.record({ kind: 'keys-rotated', key: 'k1' });
    }
    const [entry] = await logOf(hub, await hub.session('alice'), '&action=hub.keys.rotate');
    expect(entry).toMatchObject({ actor: '(shell)', address: null, account: '', data: { key: 'k1' } });
  });
});
