/** What webhooks send, to real receivers on loopback, which is allowed here as an administrator would. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import { eventually } from '../../../tests/support/eventually.ts';
import { bodyOf } from '../testing/hub-fixture.ts';
import {
  isSigned,
  type Listed,
  Receiver,
  WebhookField,
  webhooksPath as path,
} from '../../../tests/support/webhook-field.ts';

setDefaultTimeout(120_000);

let field: WebhookField;
beforeEach(async () => {
  field = await WebhookField.create();
});
afterEach(() => field[Symbol.asyncDispose]());

test('webhooks tell a push in Docker Hub’s words, signed as Standard Webhooks has it', async () => {
  const { id, secret } = await field.make({});
  await field.hub.pushImage('alice', 'alice/app', '1.0');
  const [request] = await field.told(1);
  const payload = JSON.parse(request?.body ?? '') as Record<string, Record<string, unknown>>;
  expect(payload['push_data']).toMatchObject({ pusher: 'alice', tag: '1.0' });
  expect(payload['repository']).toMatchObject({
    repo_name: 'alice/app',
    namespace: 'alice',
    name: 'app',
    repo_url: 'http://hub.test/r/alice/app',
    status: 'Active',
  });
  expect(isSigned(request, secret)).toBe(true);
  expect(await field.settled(id, 'delivered')).toMatchObject({
    status: 200,
    response: 'thanks',
    attempts: 1,
  });
  const listed = await (await field.call('GET', path)).text();
  expect(listed).not.toContain('whsec_');
});

test('webhooks tell whatever was asked for as CloudEvents, of one repository or of all in a namespace', async () => {
  const events = ['push', 'delete', 'restore', 'repository'];
  await field.make({ format: 'cloudevents', events }, '/v2/namespaces/alice/webhooks');
  await field.hub.pushImage('alice', 'alice/other', '1.0');
  await field.call('DELETE', '/v2/repositories/alice/other/tags/1.0');
  await field.call('POST', '/v2/repositories/alice/other/privacy', { is_private: true });
  await field.call('DELETE', '/v2/repositories/alice/other');
  const all = (await field.told(5)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(all.map(({ type, subject, data }) => [type, subject, (data as { action: string }).action])).toEqual([
    ['cais.hub.repository', undefined, 'created'],
    ['cais.hub.push', '1.0', 'pushed'],
    ['cais.hub.delete', '1.0', 'deleted'],
    ['cais.hub.repository', undefined, 'made_private'],
    ['cais.hub.repository', undefined, 'deleted'],
  ]);
  expect(all[1]).toMatchObject({ specversion: '1.0', source: 'http://hub.test/r/alice/other' });
});

test('webhooks are tried again with the same id until they arrive, and again when asked to', async () => {
  const { id } = await field.make({});
  field.receiver.answer = () => new Response('not now', { status: 503 });
  await field.hub.pushImage('alice', 'alice/app', '1.0');
  const first = await field.settled(id, 'waiting').then(() =>
    eventually(async () => {
      const [latest] = await field.deliveries(id);
      expect(latest?.attempts).toBe(1);
      return latest as Listed;
    }),
  );
  expect(first).toMatchObject({ status: 503, response: 'not now', failure: 'the receiver answered 503' });
  field.receiver.answer = () => new Response('thanks');
  // The clock goes on.
  await field.hub.query(sql`UPDATE webhook_deliveries SET next_at = 1`);
  expect(await field.settled(id, 'delivered')).toMatchObject({ id: first.id, attempts: 2, failure: null });
  const before = field.receiver.received.length;
  expect((await field.call('POST', `${path}/${id}/deliveries/${first.id}/redeliver`)).status).toBe(202);
  const all = await field.told(before + 1);
  expect(new Set(all.map(({ headers }) => headers.get('webhook-id')))).toEqual(new Set([first.id]));
});

test('webhooks survive the hub: what is queued is in the database, and sent by the next one', async () => {
  const { id } = await field.make({});
  await field.hub.query(sql`UPDATE webhooks SET url = 'http://127.0.0.1:1/'`);
  await field.hub.pushImage('alice', 'alice/app', '1.0');
  await field.hub.query(sql`UPDATE webhooks SET url = ${field.receiver.url}`);
  await field.hub.query(
    sql`UPDATE webhook_deliveries SET next_at = 1, attempts = 0, status = NULL, failure = NULL`,
  );
  await field.hub.restart();
  await field.told(1);
  await field.settled(id, 'delivered');
});

test('webhooks are not sent for what did not happen', async () => {
  await field.make({ events: ['push', 'delete'], format: 'cloudevents' });
  const wrong = await field.hub.fullToken('alice', 'alice/app');
  expect((await field.hub.putManifest(wrong, 'alice/app', 'broken', '{}')).status).toBe(400);
  expect((await field.call('DELETE', '/v2/repositories/alice/app/tags/none')).status).toBe(404);
  const rows = await field.hub.query(
    sql<{ count: number }>`SELECT count(*) AS count FROM webhook_deliveries`,
  );
  expect(rows[0]?.count).toBe(0);
});

test('webhooks send a test, follow no redirect and read no endless answer', async () => {
  const { id } = await field.make({});
  await using other = new Receiver();
  field.receiver.answer = () => new Response(null, { status: 307, headers: { Location: other.url } });
  await field.call('POST', `${path}/${id}/test`);
  const refused = await eventually(async () => {
    const [latest] = await field.deliveries(id);
    expect(latest?.status).toBe(307);
    return latest as Listed;
  });
  expect([refused.event, refused.state, other.received.length]).toEqual(['ping', 'waiting', 0]);
  field.receiver.answer = () =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(65)) }),
    );
  await field.call('POST', `${path}/${id}/deliveries/${refused.id}/redeliver`);
  const done = await field.settled(id, 'delivered');
  expect(done.response).toHaveLength(2048);
});

test('webhooks are switched off after days without success, which the audit log tells', async () => {
  const { id } = await field.make({});
  field.receiver.answer = () => new Response(null, { status: 500 });
  await field.hub.query(sql`UPDATE webhooks SET failing_since = ${Date.now() - 4 * 86_400_000}`);
  await field.hub.pushImage('alice', 'alice/app', '1.0');
  await field.settled(id, 'failed');
  const list = await bodyOf<{ results: { is_active: boolean; disabled_at: string | null }[] }>(
    await field.call('GET', path),
  );
  expect(list.results[0]).toMatchObject({ is_active: false, disabled_at: expect.any(String) });
  const log = await bodyOf<{ logs: { actor: string; data: object }[] }>(
    await field.call('GET', '/v2/auditlogs/alice?action=repo.webhook.change'),
  );
  expect(log.logs.map(({ actor, data }) => [actor, data])).toEqual([
    ['(hub)', { webhook: 'CI', change: 'disabled' }],
    ['alice', { webhook: 'CI', change: 'created' }],
  ]);
  const count = field.receiver.received.length;
  await field.hub.pushImage('alice', 'alice/app', '2.0');
  expect((await field.deliveries(id)).length).toBe(1);
  await field.call('PUT', `${path}/${id}`, { name: 'CI', hook_url: field.receiver.url });
  await field.hub.pushImage('alice', 'alice/app', '3.0');
  await field.told(count + 1);
});

test('webhooks that are switched off are sent nothing any more, nor what waited', async () => {
  const { id } = await field.make({});
  field.receiver.answer = () => new Response('not now', { status: 503 });
  await field.hub.pushImage('alice', 'alice/app', '1.0');
  await eventually(async () => {
    const [latest] = await field.deliveries(id);
    expect(latest).toMatchObject({ state: 'waiting', attempts: 1 });
  });
  await field.call('PATCH', `${path}/${id}`, { is_active: false });
  expect((await field.deliveries(id)).map(({ state }) => state)).toEqual(['failed']);
});

describe('webhooks that are changed while something is being sent', () => {
  /** What is sent now is refused when that is called; what comes later is taken. */
  function hold(): () => void {
    const late = Promise.withResolvers<Response>();
    field.receiver.answer = () => late.promise;
    return () => {
      field.receiver.answer = () => new Response('thanks');
      late.resolve(new Response('not now', { status: 503 }));
    };
  }

  const tried = (id: string): Promise<Listed> =>
    eventually(async () => {
      const [latest] = await field.deliveries(id);
      expect(latest?.attempts).toBe(1);
      return latest as Listed;
    });

  test('stay switched off', async () => {
    const { id } = await field.make({});
    const refuse = hold();
    await field.hub.pushImage('alice', 'alice/app', '1.0');
    await field.told(1);
    await field.call('PATCH', `${path}/${id}`, { is_active: false });
    refuse();
    expect(await tried(id)).toMatchObject({ state: 'failed', status: 503 });
  });

  test('stay mended, and what is waiting goes to the new address', async () => {
    const { id } = await field.make({});
    await using other = new Receiver();
    await field.hub.query(sql`UPDATE webhooks SET failing_since = ${Date.now() - 4 * 86_400_000}`);
    const refuse = hold();
    await field.hub.pushImage('alice', 'alice/app', '1.0');
    await field.told(1);
    await field.call('PATCH', `${path}/${id}`, { hook_url: other.url });
    refuse();
    expect(await tried(id)).toMatchObject({ state: 'waiting', status: 503 });
    const list = await bodyOf<{ results: object[] }>(await field.call('GET', path));
    expect(list.results).toMatchObject([{ is_active: true, disabled_at: null, failing_since: null }]);
    await field.hub.query(sql`UPDATE webhook_deliveries SET next_at = 1`);
    await field.settled(id, 'delivered');
    expect([field.receiver.received.length, other.received.length]).toEqual([1, 1]);
  });

  test('send what was asked for again, also when this was the last try', async () => {
    const { id } = await field.make({});
    field.receiver.answer = () => new Response('not now', { status: 503 });
    await field.hub.pushImage('alice', 'alice/app', '1.0');
    const { id: delivery } = await tried(id);
    const refuse = hold();
    // The clock goes on, to the last try.
    await field.hub.query(sql`UPDATE webhook_deliveries SET next_at = 1, attempts = 9`);
    await field.told(2);
    await field.call('POST', `${path}/${id}/deliveries/${delivery}/redeliver`);
    refuse();
    await field.settled(id, 'delivered');
  });
});
