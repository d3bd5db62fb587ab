/** Two copies of the hub over one database are one hub: what was done at one holds at the other, and what is to happen once does. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { eventually } from '../../../tests/support/eventually.ts';
import { basic, bodyOf, type HubFixture, password } from '../testing/hub-fixture.ts';
import { startTwoCopies, type TwoCopies } from '../testing/two-copies.ts';

setDefaultTimeout(120_000);

let copies: TwoCopies;
let one: HubFixture;
let other: HubFixture;
beforeAll(async () => {
  const settings = {
    CAIS_HUB_RETENTION_INTERVAL: '1s',
    CAIS_HUB_WEBHOOK_ALLOW: '127.0.0.0/8',
  };
  copies = await startTwoCopies(settings, 'alice');
  ({ one, other } = copies);
  await one.pushImage('alice', 'alice/app', '1.0');
});
afterAll(() => copies[Symbol.asyncDispose]());

async function isOpen(hub: HubFixture, token: string): Promise<boolean> {
  return (await hub.send('GET', '/v2/user', { token })).status === 200;
}

async function pullAt(hub: HubFixture, token: string): Promise<number> {
  return (await hub.send('GET', '/v2/alice/app/manifests/1.0', { token })).status;
}

test('who signed in at one is signed in at the other, until the account ends all its sessions anywhere', async () => {
  const [first, last] = [await one.session('alice'), await other.session('alice')];
  expect([await isOpen(other, first), await isOpen(one, last)]).toEqual([true, true]);
  expect((await other.send('DELETE', '/v2/user/sessions', { token: last })).status).toBe(204);
  expect([await isOpen(one, first), await isOpen(other, first)]).toEqual([false, false]);
  expect([await isOpen(one, last), await isOpen(other, last)]).toEqual([true, true]);
});

test('a token of one is taken by the other, and an access token that was taken back at one by none', async () => {
  expect(await pullAt(other, await one.fullToken('alice', 'alice/app'))).toBe(200);
  const token = await one.session('alice');
  const body = { token_label: 'CI', scopes: ['repo:read'] };
  const made = await one.send('POST', '/v2/access-tokens', { token, body });
  const { uuid, token: secret } = await bodyOf<{ uuid: string; token: string }>(made);
  const signIn = async (hub: HubFixture): Promise<number> =>
    (await hub.send('GET', '/token', { headers: basic('alice', secret) })).status;
  expect([await signIn(one), await signIn(other)]).toEqual([200, 200]);
  expect((await other.send('DELETE', `/v2/access-tokens/${uuid}`, { token })).status).toBe(204);
  expect([await signIn(one), await signIn(other)]).toEqual([401, 401]);
});

test('a repository that was made private at one, and an account that was made there, are so at the other at once', async () => {
  const token = await one.session('alice');
  const isShown = async (): Promise<boolean> =>
    (await other.send('GET', '/v2/repositories/alice/app/')).status === 200;
  for (const isPrivate of [true, false]) {
    const body = { is_private: isPrivate };
    expect((await one.send('POST', '/v2/repositories/alice/app/privacy', { token, body })).status).toBe(200);
    expect(await isShown()).toBe(!isPrivate);
  }
  const body = { username: 'bob', email: 'bob@hub.test', password };
  expect((await one.send('POST', '/v2/users/signup/', { body })).status).toBe(204);
  expect(await isOpen(other, await other.session('bob'))).toBe(true);
});

test('pulls of both are counted together', async () => {
  const token = await one.fullToken('alice', 'alice/app');
  const counted = async (hub: HubFixture): Promise<number> =>
    (await bodyOf<{ pull_count: number }>(await hub.send('GET', '/v2/repositories/alice/app/pulls/')))
      .pull_count;
  const before = await counted(one);
  for (const hub of [one, other, other]) expect(await pullAt(hub, token)).toBe(200);
  await eventually(async () =>
    expect([await counted(one), await counted(other)]).toEqual([before + 3, before + 3]),
  );
});

test('webhooks tell each push once, whichever copy took it', async () => {
  const received: string[] = [];
  await using receiver = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const { push_data: pushed } = (await request.json()) as { push_data: { tag: string } };
      received.push(pushed.tag);
      return new Response('thanks');
    },
  });
  const token = await one.session('alice');
  const hook = { name: 'CI', hook_url: `http://127.0.0.1:${receiver.port}/` };
  const made = await one.send('POST', '/v2/repositories/alice/app/webhooks', { token, body: hook });
  expect(made.status).toBe(201);
  const tags = [1, 2, 3, 4, 5, 6].map((number) => `hooked-${number}`);
  await Promise.all(
    tags.map((tag, index) => (index % 2 === 0 ? one : other).pushImage('alice', 'alice/app', tag)),
  );
  await eventually(async () => {
    const waiting = await one.query(sql`SELECT id FROM webhook_deliveries WHERE status IS NULL`);
    expect([received.length >= tags.length, waiting]).toEqual([true, []]);
  });
  expect(received.toSorted()).toEqual(tags);
});

test('retention runs once in its time, not once at each copy', async () => {
  const token = await one.session('alice');
  const body = { enabled: true, rules: [{ keep: 'latest', tags: '*', count: 1 }], untagged_days: null };
  const path = '/v2/namespaces/alice/repositories/app/retention';
  expect((await one.send('PUT', path, { token, body })).status).toBe(200);
  const begun = await eventually(async () => {
    const runs = await one.query(
      sql<{ started_at: number }>`SELECT started_at FROM retention_runs ORDER BY id`,
    );
    expect(runs.length).toBeGreaterThan(4);
    return runs.map((run) => run.started_at);
  });
  const pauses = begun.slice(1).map((time, index) => time - (begun[index] ?? 0));
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
});
