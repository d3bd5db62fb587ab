/** Who may read which part of the audit log, and how they look for something in it. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import type { AuditLog, AuditLogPage } from '../../hub-api/types.ts';
import { forgetOld } from '../audit/keep-audit.ts';
import { Acme } from '../testing/acme.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

setDefaultTimeout(120_000);

const day = 86_400_000;

describe('the audit log', () => {
  test('of an organization is for its owners and administrators, one’s own for oneself', async () => {
    await using acme = await Acme.create();
    await acme.join('bob', 'editor');
    await acme.hub.pushImage('bob', 'acme/app', '1.0');
    const statuses = async (address: string): Promise<number[]> =>
      await Promise.all(
        [undefined, 'dave', 'bob', 'alice', 'root1'].map((who) => acme.status(who, 'GET', address)),
      );
    for (const part of ['', '/actions', '/export']) {
      expect(await statuses(`/v2/auditlogs/acme${part}`)).toEqual([401, 403, 403, 200, 200]);
      expect(await statuses(`/v2/auditlogs/bob${part}`)).toEqual([401, 404, 200, 404, 200]);
    }
    expect(await statuses('/v2/system/auditlogs')).toEqual([404, 404, 404, 404, 200]);
    expect(await statuses('/v2/system/auditlogs/export')).toEqual([404, 404, 404, 404, 200]);
    const namesOf = async (who: string, account: string): Promise<string[]> => {
      const { logs } = await acme.json<AuditLogPage>(who, 'GET', `/v2/auditlogs/${account}?page_size=100`);
      return logs.map(({ action, name }) => `${action} ${name}`);
    };
    expect(await namesOf('alice', 'acme')).toContain('repo.tag.push acme/app');
    expect((await namesOf('alice', 'acme')).some((each) => each.startsWith('account.'))).toBe(false);
    // What they did elsewhere is theirs as well.
    expect(await namesOf('bob', 'bob')).toEqual(
      expect.arrayContaining(['repo.tag.push acme/app', 'account.sign_in bob']),
    );
  });

  test('is no access token’s to read', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const body = { token_label: 'CI', scopes: ['repo:admin'] };
    const made = await hub.send('POST', '/v2/access-tokens', { token: session, body });
    const { token: secret } = await bodyOf<{ token: string }>(made);
    const login = await hub.send('POST', '/v2/users/login', {
      body: { username: 'alice', password: secret },
    });
    const { token } = await bodyOf<{ token: string }>(login);
    expect((await hub.send('GET', '/v2/auditlogs/alice', { token })).status).toBe(403);
    expect((await hub.send('GET', '/v2/system/auditlogs', { token })).status).toBe(404);
  });

  test('is looked through by token, address and outcome, also in what is exported', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    const body = { token_label: 'CI', scopes: ['repo:write'] };
    const made = await hub.send('POST', '/v2/access-tokens', { token: session, body });
    const { token: secret } = await bodyOf<{ token: string }>(made);
    const login = { username: 'alice', password: secret };
    await hub.send('POST', '/v2/users/login', { body: login, address: '198.51.100.7' });
    await hub.send('POST', '/v2/users/login', {
      body: { ...login, password: 'wrong' },
      address: '198.51.100.8',
    });
    const found = async (query: string): Promise<string[]> => {
      const answer = await hub.send('GET', `/v2/system/auditlogs?${query}`, { token: session });
      const { logs } = await bodyOf<AuditLogPage>(answer);
      return logs.map(({ action, token, address }) => `${action} ${token} ${address}`);
    };
    expect(await found('token=CI')).toEqual(['account.sign_in CI 198.51.100.7']);
    expect(await found('address=198.51.100.8')).toEqual(['access.sign_in.fail null 198.51.100.8']);
    expect(await found('outcome=refused')).toEqual(['access.sign_in.fail null 198.51.100.8']);
    expect(await found('outcome=done&address=198.51.100.8')).toEqual([]);
    const exported = '/v2/system/auditlogs/export?format=csv&outcome=refused';
    const lines = (await (await hub.send('GET', exported, { token: session })).text()).trim().split('\r\n');
    expect(lines).toHaveLength(2);
    expect((await hub.send('GET', '/v2/system/auditlogs?outcome=maybe', { token: session })).status).toBe(
      400,
    );
  });

  test('is looked through by action, name, actor and time, a page at a time', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    for (const tag of ['1', '2', '3']) await hub.pushImage('alice', 'alice/app', tag);
    await hub.pushImage('alice', 'alice/other', '1');
    await hub.query(
      sql`UPDATE audit SET happened_at = happened_at - ${2 * day} WHERE data LIKE '%"tag":"1"%'`,
    );
    const find = async (query: string): Promise<AuditLogPage> =>
      await bodyOf<AuditLogPage>(await hub.send('GET', `/v2/auditlogs/alice?${query}`, { token }));
    const tags = ({ logs }: AuditLogPage): string[] => logs.map(({ name, data }) => `${name}:${data['tag']}`);
    expect(tags(await find('action=repo.tag.push'))).toEqual([
      'alice/app:3',
      'alice/app:2',
      'alice/other:1',
      'alice/app:1',
    ]);
    expect(tags(await find('action=repo.tag.push&name=alice/app&page_size=2'))).toHaveLength(2);
    expect(tags(await find('action=repo.tag.&name=alice/app&page_size=2&page=2'))).toEqual(['alice/app:1']);
    expect((await find('action=repo.tag.push&page_size=2')).has_more).toBe(true);
    expect((await find('action=repo.tag.push&page_size=2&page=2')).has_more).toBe(false);
    const yesterday = new Date(Date.now() - day).toISOString();
    expect(tags(await find(`action=repo.tag.push&from=${yesterday}`))).toEqual([
      'alice/app:3',
      'alice/app:2',
    ]);
    expect(tags(await find(`action=repo.tag.push&to=${yesterday.slice(0, 10)}`))).toHaveLength(2);
    expect((await find('actor=nobody')).logs).toEqual([]);
    for (const wrong of ['from=tomorrow', 'to=2026-13-45', 'page=0', 'page=200&page_size=100']) {
      expect((await hub.send('GET', `/v2/auditlogs/alice?${wrong}`, { token })).status).toBe(400);
    }
  });

  test('is exported as lines of JSON and as CSV, all of it, the oldest first', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await using parts = await hub.openParts();
    for (let count = 0; count < 1100; count += 100) {
      await parts.changes.record(
        ...Array.from({ length: 100 }, (_, at) => ({ kind: 'keys-rotated', key: `${count + at}` }) as const),
      );
    }
    await parts.changes.record({
      kind: 'team-changed',
      organization: 'acme',
      team: '=HYPERLINK("x")',
      change: 'created',
    });
    const text = async (query: string): Promise<string> =>
      await (await hub.send('GET', `/v2/system/auditlogs/export?${query}`, { token })).text();
    const lines = (await text('action=hub.keys.rotate')).trimEnd().split('\n');
    const keys = lines.map((line) => (JSON.parse(line) as AuditLog).data['key']);
    expect(keys).toEqual(Array.from({ length: 1100 }, (_, at) => String(at)));
    const csv = (await text('action=org.&format=csv')).split('\r\n');
    expect(csv[0]).toBe('timestamp,action,outcome,times,actor,token,address,account,name,data,request_id');
    expect(csv[1]).toContain(',org.team.create,done,1,(shell),,,acme,acme,"{""team"":""=HYPERLINK(');
    expect(csv).toHaveLength(3);
  });

  test('keeps entries for their time, and of refusals no more than so many', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', 'old');
    await hub.query(sql`UPDATE audit SET happened_at = happened_at - ${400 * day}`);
    await hub.pushImage('alice', 'alice/app', 'new');
    await hub.query(sql`INSERT INTO audit (happened_at, action, outcome, actor, account, name, data, times)
      SELECT happened_at, 'access.refuse', 'refused', '(anonymous)', '', CAST(id AS TEXT), '{}', 1 FROM audit`);
    await using parts = await hub.openParts();
    await forgetOld(parts.database, undefined, { maxRefused: 2 });
    const entries = async (): Promise<readonly AuditLog[]> =>
      (await bodyOf<AuditLogPage>(await hub.send('GET', '/v2/system/auditlogs', { token }))).logs;
    expect((await entries()).filter(({ outcome }) => outcome === 'refused')).toHaveLength(2);
    expect((await entries()).some(({ data }) => data['tag'] === 'old')).toBe(true);
    await forgetOld(parts.database, 365 * day);
    const tags = (await entries()).flatMap(({ data }) => data['tag'] ?? []);
    expect(tags).toEqual(['new']);
  });
});
