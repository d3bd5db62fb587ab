/** Who may make and change webhooks, to which addresses, and what is kept of them. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { eventually } from '../../../tests/support/eventually.ts';
import { bodyOf } from '../testing/hub-fixture.ts';
import {
  isSigned,
  type Listed,
  WebhookField,
  webhooksPath as path,
} from '../../../tests/support/webhook-field.ts';

setDefaultTimeout(120_000);

let field: WebhookField;
beforeEach(async () => {
  field = await WebhookField.create();
});
afterEach(() => field[Symbol.asyncDispose]());

test('webhooks are for who looks after the repository, and stay behind when it goes to another namespace', async () => {
  await field.make({});
  const bob = await field.hub.session('bob');
  for (const address of [path, '/v2/namespaces/alice/webhooks']) {
    expect((await field.call('GET', address, undefined, bob)).status).toBe(403);
    expect((await field.call('POST', address, { name: 'x', hook_url: field.receiver.url }, bob)).status).toBe(
      403,
    );
    expect((await field.hub.send('GET', address)).status).toBe(401);
  }
  await field.call('POST', '/v2/orgs', { orgname: 'acme' });
  await field.call('POST', '/v2/repositories/alice/app/move', { namespace: 'acme' });
  const moved = await bodyOf<{ results: unknown[] }>(
    await field.call('GET', '/v2/repositories/acme/app/webhooks'),
  );
  expect(moved.results).toEqual([]);
});

test('webhooks are changed in parts, which the audit log names, and begin anew where they lead elsewhere', async () => {
  const { id, secret } = await field.make({});
  await field.hub.query(sql`UPDATE webhooks SET failing_since = 1`);
  const change = async (body: object): Promise<Record<string, unknown>> => {
    const answer = await field.call('PATCH', `${path}/${id}`, body);
    expect(answer.status).toBe(200);
    return bodyOf(answer);
  };
  expect(await change({ name: 'build' })).toMatchObject({
    name: 'build',
    failing_since: expect.any(String),
  });
  expect(await change({ hook_url: `${field.receiver.url}?a=1`, format: 'cloudevents' })).toMatchObject({
    name: 'build',
    hook_url: `${field.receiver.url}?a=1`,
    failing_since: null,
    events: ['push'],
  });
  expect(await change({})).not.toHaveProperty('secret');
  const renewed = await change({ new_secret: true, events: ['push', 'delete'] });
  expect(renewed['secret']).toMatch(/^whsec_.{32}$/);
  expect(renewed['secret']).not.toBe(secret);
  const log = await (await field.call('GET', '/v2/auditlogs/alice?action=repo.webhook.change')).text();
  const { logs } = JSON.parse(log) as { logs: { data: Record<string, string> }[] };
  expect(logs.map(({ data }) => data['fields'])).toEqual([
    'events, secret',
    'hook_url, format',
    'name',
    undefined,
  ]);
  expect(log).not.toContain('whsec_');
  expect(log).not.toContain(field.receiver.url);

  await field.hub.pushImage('alice', 'alice/app', '1.0');
  const [request] = await field.told(1);
  expect(isSigned(request, String(renewed['secret']))).toBe(true);
  expect(isSigned(request, secret)).toBe(false);

  const wrong = [
    { name: '' },
    { events: [] },
    { hook_url: 'ftp://ci.example/' },
    { new_secret: false },
    { format: 'x' },
  ];
  for (const body of wrong) {
    expect([body, (await field.call('PATCH', `${path}/${id}`, body)).status]).toEqual([body, 400]);
  }
  expect((await field.call('PATCH', `${path}/none`, { name: 'x' })).status).toBe(404);
  expect(
    (await field.call('PATCH', `${path}/${id}`, { name: 'x' }, await field.hub.session('bob'))).status,
  ).toBe(403);
});

test('webhooks have their secrets sealed in the database, also those that an older hub had plain', async () => {
  const { id, secret } = await field.make({});
  const stored = async (): Promise<string> =>
    (await field.hub.query(sql<{ secret: string }>`SELECT secret FROM webhooks`))[0]?.secret ?? '';
  expect(Buffer.from(await stored(), 'base64url').toString('latin1')).not.toContain(secret);
  const plain = `whsec_${Buffer.alloc(24, 'k').toString('base64')}`;
  await field.hub.query(sql`UPDATE webhooks SET secret = ${plain}`);
  // An older copy has just made it.
  await field.hub.pushImage('alice', 'alice/app', '1.0');
  expect(isSigned((await field.told(1))[0], plain)).toBe(true);
  await field.hub.restart();
  expect(await stored()).not.toContain('whsec_');
  expect((await stored()).length).toBeGreaterThan(plain.length);
  await field.hub.pushImage('alice', 'alice/app', '2.0');
  expect(isSigned((await field.told(2))[1], plain)).toBe(true);
  // Without the key nothing is sent, and that is said.
  const keys = field.hub.config().keysDirectory;
  await rename(join(keys, 'secrets.key'), join(keys, 'elsewhere'));
  await field.hub.restart();
  await field.hub.pushImage('alice', 'alice/app', '3.0');
  const latest = await eventually(async () => {
    const [found] = await field.deliveries(id);
    expect(found?.attempts).toBe(1);
    return found as Listed;
  });
  expect(latest.failure).toContain('stored with another key');
  expect(field.receiver.received).toHaveLength(2);
});

test('webhooks are refused at their address where it leads into a private network, whatever its form', async () => {
  const { id } = await field.make({});
  for (const hook_url of ['http://10.1.2.3/hook', 'http://[::ffff:169.254.169.254]/', 'http://0x0a000001/']) {
    for (const [method, at] of [
      ['POST', path],
      ['PUT', `${path}/${id}`],
      ['PATCH', `${path}/${id}`],
    ] as const) {
      const refused = await field.call(method, at, { name: 'CI', hook_url });
      expect([method, hook_url, refused.status]).toEqual([method, hook_url, 400]);
      expect(await refused.text()).toContain('is in a private network');
    }
  }
  // What has no address yet may get one.
  await field.make({ hook_url: 'http://nowhere.invalid/' });
});

test('webhooks take only addresses of the web', async () => {
  for (const hook_url of [
    'ftp://ci.example/',
    'file:///etc/passwd',
    'http://a:b@ci.example/',
    'ci',
    'javascript:1',
  ]) {
    expect((await field.call('POST', path, { name: 'CI', hook_url })).status).toBe(400);
  }
});
