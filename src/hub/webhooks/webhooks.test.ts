/** Webhooks over a real hub and real receivers, on loopback, which is allowed here as an administrator would. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { eventually } from '../../../tests/support/eventually.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

setDefaultTimeout(120_000);

interface Received {
  readonly headers: Headers;
  readonly body: string;
}

interface Listed {
  readonly id: string;
  readonly event: string;
  readonly state: string;
  readonly attempts: number;
  readonly status: number | null;
  readonly response: string | null;
  readonly failure: string | null;
}

/** Answers as it is told to. */
class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: () => Response | Promise<Response> = () => new Response('thanks');
  readonly #server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      this.received.push({ headers: request.headers, body: await request.text() });
      return await this.answer();
    },
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }
}

const path = '/v2/repositories/alice/app/webhooks';

function isSigned(request: Received | undefined, secret: string): boolean {
  const of = (name: string): string => request?.headers.get(`webhook-${name}`) ?? '';
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signed = `${of('id')}.${of('timestamp')}.${request?.body}`;
  return of('signature') === `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}

describe('webhooks', () => {
  let hub: HubFixture;
  let receiver: Receiver;
  let token: string;
  beforeEach(async () => {
    receiver = new Receiver();
    hub = await HubFixture.createWith(
      { settings: { CAIS_HUB_WEBHOOK_ALLOW: '127.0.0.0/8' } },
      'alice',
      'bob',
    );
    token = await hub.session('alice');
    await hub.pushImage('alice', 'alice/app', 'first');
  });
  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const call = (method: string, address: string, body?: object, as = token): Promise<Response> =>
    hub.send(method, address, { token: as, ...(body && { body }) });

  async function make(body: object, at = path): Promise<{ id: string; secret: string }> {
    const response = await call('POST', at, { name: 'CI', hook_url: receiver.url, ...body });
    expect(response.status).toBe(201);
    return await bodyOf<{ id: string; secret: string }>(response);
  }

  async function deliveries(id: string, at = path): Promise<Listed[]> {
    return (await bodyOf<{ results: Listed[] }>(await call('GET', `${at}/${id}/deliveries`))).results;
  }

  const told = (count: number): Promise<Received[]> =>
    eventually(async () => {
      expect(receiver.received.length).toBeGreaterThanOrEqual(count);
      return receiver.received;
    });

  const settled = (id: string, state: string): Promise<Listed> =>
    eventually(async () => {
      const [latest] = await deliveries(id);
      expect(latest?.state).toBe(state);
      return latest as Listed;
    });

  test('tell a push in Docker Hub’s words, signed as Standard Webhooks has it', async () => {
    const { id, secret } = await make({});
    await hub.pushImage('alice', 'alice/app', '1.0');
    const [request] = await told(1);
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
    expect(await settled(id, 'delivered')).toMatchObject({ status: 200, response: 'thanks', attempts: 1 });
    const listed = await (await call('GET', path)).text();
    expect(listed).not.toContain('whsec_');
  });

  test('tell whatever was asked for as CloudEvents, of one repository or of all in a namespace', async () => {
    const events = ['push', 'delete', 'restore', 'repository'];
    await make({ format: 'cloudevents', events }, '/v2/namespaces/alice/webhooks');
    await hub.pushImage('alice', 'alice/other', '1.0');
    await call('DELETE', '/v2/repositories/alice/other/tags/1.0');
    await call('POST', '/v2/repositories/alice/other/privacy', { is_private: true });
    await call('DELETE', '/v2/repositories/alice/other');
    const all = (await told(5)).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(
      all.map(({ type, subject, data }) => [type, subject, (data as { action: string }).action]),
    ).toEqual([
      ['cais.hub.repository', undefined, 'created'],
      ['cais.hub.push', '1.0', 'pushed'],
      ['cais.hub.delete', '1.0', 'deleted'],
      ['cais.hub.repository', undefined, 'made_private'],
      ['cais.hub.repository', undefined, 'deleted'],
    ]);
    expect(all[1]).toMatchObject({ specversion: '1.0', source: 'http://hub.test/r/alice/other' });
  });

  test('are tried again with the same id until they arrive, and again when asked to', async () => {
    const { id } = await make({});
    receiver.answer = () => new Response('not now', { status: 503 });
    await hub.pushImage('alice', 'alice/app', '1.0');
    const first = await settled(id, 'waiting').then(() =>
      eventually(async () => {
        const [latest] = await deliveries(id);
        expect(latest?.attempts).toBe(1);
        return latest as Listed;
      }),
    );
    expect(first).toMatchObject({ status: 503, response: 'not now', failure: 'the receiver answered 503' });
    receiver.answer = () => new Response('thanks');
    // The clock goes on.
    await hub.query(sql`UPDATE webhook_deliveries SET next_at = 1`);
    expect(await settled(id, 'delivered')).toMatchObject({ id: first.id, attempts: 2, failure: null });
    const before = receiver.received.length;
    expect((await call('POST', `${path}/${id}/deliveries/${first.id}/redeliver`)).status).toBe(202);
    const all = await told(before + 1);
    expect(new Set(all.map(({ headers }) => headers.get('webhook-id')))).toEqual(new Set([first.id]));
  });

  test('survive the hub: what is queued is in the database, and sent by the next one', async () => {
    const { id } = await make({});
    await hub.query(sql`UPDATE webhooks SET url = 'http://127.0.0.1:1/'`);
    await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.query(sql`UPDATE webhooks SET url = ${receiver.url}`);
    await hub.query(
      sql`UPDATE webhook_deliveries SET next_at = 1, attempts = 0, status = NULL, failure = NULL`,
    );
    await hub.restart();
    await told(1);
    await settled(id, 'delivered');
  });

  test('are not sent for what did not happen', async () => {
    await make({ events: ['push', 'delete'], format: 'cloudevents' });
    const wrong = await hub.fullToken('alice', 'alice/app');
    expect((await hub.putManifest(wrong, 'alice/app', 'broken', '{}')).status).toBe(400);
    expect((await call('DELETE', '/v2/repositories/alice/app/tags/none')).status).toBe(404);
    const rows = await hub.query(sql<{ count: number }>`SELECT count(*) AS count FROM webhook_deliveries`);
    expect(rows[0]?.count).toBe(0);
  });

  test('send a test, follow no redirect and read no endless answer', async () => {
    const { id } = await make({});
    await using other = new Receiver();
    receiver.answer = () => new Response(null, { status: 307, headers: { Location: other.url } });
    await call('POST', `${path}/${id}/test`);
    const refused = await eventually(async () => {
      const [latest] = await deliveries(id);
      expect(latest?.status).toBe(307);
      return latest as Listed;
    });
    expect([refused.event, refused.state, other.received.length]).toEqual(['ping', 'waiting', 0]);
    receiver.answer = () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(65)) }),
      );
    await call('POST', `${path}/${id}/deliveries/${refused.id}/redeliver`);
    const done = await settled(id, 'delivered');
    expect(done.response).toHaveLength(2048);
  });

  test('are switched off after days without success, which the audit log tells', async () => {
    const { id } = await make({});
    receiver.answer = () => new Response(null, { status: 500 });
    await hub.query(sql`UPDATE webhooks SET failing_since = ${Date.now() - 4 * 86_400_000}`);
    await hub.pushImage('alice', 'alice/app', '1.0');
    await settled(id, 'failed');
    const list = await bodyOf<{ results: { is_active: boolean; disabled_at: string | null }[] }>(
      await call('GET', path),
    );
    expect(list.results[0]).toMatchObject({ is_active: false, disabled_at: expect.any(String) });
    const log = await bodyOf<{ logs: { actor: string; data: object }[] }>(
      await call('GET', '/v2/auditlogs/alice?action=repo.webhook.change'),
    );
    expect(log.logs.map(({ actor, data }) => [actor, data])).toEqual([
      ['(hub)', { webhook: 'CI', change: 'disabled' }],
      ['alice', { webhook: 'CI', change: 'created' }],
    ]);
    const count = receiver.received.length;
    await hub.pushImage('alice', 'alice/app', '2.0');
    expect((await deliveries(id)).length).toBe(1);
    await call('PUT', `${path}/${id}`, { name: 'CI', hook_url: receiver.url });
    await hub.pushImage('alice', 'alice/app', '3.0');
    await told(count + 1);
  });

  test('are for who looks after the repository, and stay behind when it goes to another namespace', async () => {
    await make({});
    const bob = await hub.session('bob');
    for (const address of [path, '/v2/namespaces/alice/webhooks']) {
      expect((await call('GET', address, undefined, bob)).status).toBe(403);
      expect((await call('POST', address, { name: 'x', hook_url: receiver.url }, bob)).status).toBe(403);
      expect((await hub.send('GET', address)).status).toBe(401);
    }
    await call('POST', '/v2/orgs', { orgname: 'acme' });
    await call('POST', '/v2/repositories/alice/app/move', { namespace: 'acme' });
    const moved = await bodyOf<{ results: unknown[] }>(
      await call('GET', '/v2/repositories/acme/app/webhooks'),
    );
    expect(moved.results).toEqual([]);
  });

  test('are changed in parts, which the audit log names, and begin anew where they lead elsewhere', async () => {
    const { id, secret } = await make({});
    await hub.query(sql`UPDATE webhooks SET failing_since = 1`);
    const change = async (body: object): Promise<Record<string, unknown>> => {
      const answer = await call('PATCH', `${path}/${id}`, body);
      expect(answer.status).toBe(200);
      return bodyOf(answer);
    };
    expect(await change({ name: 'build' })).toMatchObject({
      name: 'build',
      failing_since: expect.any(String),
    });
    expect(await change({ hook_url: `${receiver.url}?a=1`, format: 'cloudevents' })).toMatchObject({
      name: 'build',
      hook_url: `${receiver.url}?a=1`,
      failing_since: null,
      events: ['push'],
    });
    expect(await change({})).not.toHaveProperty('secret');
    const renewed = await change({ new_secret: true, events: ['push', 'delete'] });
    expect(renewed['secret']).toMatch(/^whsec_.{32}$/);
    expect(renewed['secret']).not.toBe(secret);
    const log = await (await call('GET', '/v2/auditlogs/alice?action=repo.webhook.change')).text();
    const { logs } = JSON.parse(log) as { logs: { data: Record<string, string> }[] };
    expect(logs.map(({ data }) => data['fields'])).toEqual([
      'events, secret',
      'hook_url, format',
      'name',
      undefined,
    ]);
    expect(log).not.toContain('whsec_');
    expect(log).not.toContain(receiver.url);

    await hub.pushImage('alice', 'alice/app', '1.0');
    const [request] = await told(1);
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
      expect([body, (await call('PATCH', `${path}/${id}`, body)).status]).toEqual([body, 400]);
    }
    expect((await call('PATCH', `${path}/none`, { name: 'x' })).status).toBe(404);
    expect((await call('PATCH', `${path}/${id}`, { name: 'x' }, await hub.session('bob'))).status).toBe(403);
  });

  test('that are switched off are sent nothing any more, nor what waited', async () => {
    const { id } = await make({});
    receiver.answer = () => new Response('not now', { status: 503 });
    await hub.pushImage('alice', 'alice/app', '1.0');
    await eventually(async () => {
      const [latest] = await deliveries(id);
      expect(latest).toMatchObject({ state: 'waiting', attempts: 1 });
    });
    await call('PATCH', `${path}/${id}`, { is_active: false });
    expect((await deliveries(id)).map(({ state }) => state)).toEqual(['failed']);
  });

  describe('that are changed while something is being sent', () => {
    /** What is sent now is refused when that is called; what comes later is taken. */
    function hold(): () => void {
      const late = Promise.withResolvers<Response>();
      receiver.answer = () => late.promise;
      return () => {
        receiver.answer = () => new Response('thanks');
        late.resolve(new Response('not now', { status: 503 }));
      };
    }

    const tried = (id: string): Promise<Listed> =>
      eventually(async () => {
        const [latest] = await deliveries(id);
        expect(latest?.attempts).toBe(1);
        return latest as Listed;
      });

    test('stay switched off', async () => {
      const { id } = await make({});
      const refuse = hold();
      await hub.pushImage('alice', 'alice/app', '1.0');
      await told(1);
      await call('PATCH', `${path}/${id}`, { is_active: false });
      refuse();
      expect(await tried(id)).toMatchObject({ state: 'failed', status: 503 });
    });

    test('stay mended, and what is waiting goes to the new address', async () => {
      const { id } = await make({});
      await using other = new Receiver();
      await hub.query(sql`UPDATE webhooks SET failing_since = ${Date.now() - 4 * 86_400_000}`);
      const refuse = hold();
      await hub.pushImage('alice', 'alice/app', '1.0');
      await told(1);
      await call('PATCH', `${path}/${id}`, { hook_url: other.url });
      refuse();
      expect(await tried(id)).toMatchObject({ state: 'waiting', status: 503 });
      const list = await bodyOf<{ results: object[] }>(await call('GET', path));
      expect(list.results).toMatchObject([{ is_active: true, disabled_at: null, failing_since: null }]);
      await hub.query(sql`UPDATE webhook_deliveries SET next_at = 1`);
      await settled(id, 'delivered');
      expect([receiver.received.length, other.received.length]).toEqual([1, 1]);
    });

    test('send what was asked for again, also when this was the last try', async () => {
      const { id } = await make({});
      receiver.answer = () => new Response('not now', { status: 503 });
      await hub.pushImage('alice', 'alice/app', '1.0');
      const { id: delivery } = await tried(id);
      const refuse = hold();
      // The clock goes on, to the last try.
      await hub.query(sql`UPDATE webhook_deliveries SET next_at = 1, attempts = 9`);
      await told(2);
      await call('POST', `${path}/${id}/deliveries/${delivery}/redeliver`);
      refuse();
      await settled(id, 'delivered');
    });
  });

  test('have their secrets sealed in the database, also those that an older hub had plain', async () => {
    const { id, secret } = await make({});
    const stored = async (): Promise<string> =>
      (await hub.query(sql<{ secret: string }>`SELECT secret FROM webhooks`))[0]?.secret ?? '';
    expect(Buffer.from(await stored(), 'base64url').toString('latin1')).not.toContain(secret);
    const plain = `whsec_${Buffer.alloc(24, 'k').toString('base64')}`;
    await hub.query(sql`UPDATE webhooks SET secret = ${plain}`);
    // An older copy has just made it.
    await hub.pushImage('alice', 'alice/app', '1.0');
    expect(isSigned((await told(1))[0], plain)).toBe(true);
    await hub.restart();
    expect(await stored()).not.toContain('whsec_');
    expect((await stored()).length).toBeGreaterThan(plain.length);
    await hub.pushImage('alice', 'alice/app', '2.0');
    expect(isSigned((await told(2))[1], plain)).toBe(true);
    // Without the key nothing is sent, and that is said.
    const keys = hub.config().keysDirectory;
    await rename(join(keys, 'secrets.key'), join(keys, 'elsewhere'));
    await hub.restart();
    await hub.pushImage('alice', 'alice/app', '3.0');
    const latest = await eventually(async () => {
      const [found] = await deliveries(id);
      expect(found?.attempts).toBe(1);
      return found as Listed;
    });
    expect(latest.failure).toContain('stored with another key');
    expect(receiver.received).toHaveLength(2);
  });

  test('are refused at their address where it leads into a private network, whatever its form', async () => {
    const { id } = await make({});
    for (const hook_url of [
      'http://10.1.2.3/hook',
      'http://[::ffff:169.254.169.254]/',
      'http://0x0a000001/',
    ]) {
      for (const [method, at] of [
        ['POST', path],
        ['PUT', `${path}/${id}`],
        ['PATCH', `${path}/${id}`],
      ] as const) {
        const refused = await call(method, at, { name: 'CI', hook_url });
        expect([method, hook_url, refused.status]).toEqual([method, hook_url, 400]);
        expect(await refused.text()).toContain('is in a private network');
      }
    }
    // What has no address yet may get one.
    await make({ hook_url: 'http://nowhere.invalid/' });
  });

  test('take only addresses of the web', async () => {
    for (const hook_url of [
      'ftp://ci.example/',
      'file:///etc/passwd',
      'http://a:b@ci.example/',
      'ci',
      'javascript:1',
    ]) {
      expect((await call('POST', path, { name: 'CI', hook_url })).status).toBe(400);
    }
  });
});
