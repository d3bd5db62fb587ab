/** Quotas of namespaces: what is refused and when, what counts, and who may look. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { digestOf } from '../../oci/image/digest.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

setDefaultTimeout(120_000);

interface QuotaBody {
  readonly max_bytes: number | null;
  readonly used_bytes: number;
}

async function setQuota(hub: HubFixture, namespace: string, bytes: number | null): Promise<QuotaBody> {
  const token = await hub.session('root1');
  const answer = await hub.send('PUT', `/v2/system/quotas/${namespace}`, {
    token,
    body: { max_bytes: bytes },
  });
  expect(answer.status).toBe(200);
  return bodyOf<QuotaBody>(answer);
}

async function quotaOf(hub: HubFixture, namespace: string, account = namespace): Promise<QuotaBody> {
  const token = await hub.session(account);
  return bodyOf<QuotaBody>(await hub.send('GET', `/v2/namespaces/${namespace}/quota`, { token }));
}

async function refusalOf(response: Response): Promise<string> {
  expect(response.status).toBe(403);
  const { errors } = await bodyOf<{ errors: { code: string; message: string }[] }>(response);
  expect(errors[0]?.code).toBe('DENIED');
  return errors[0]?.message ?? '';
}

async function openUpload(hub: HubFixture, token: string, repository: string): Promise<string> {
  const begun = await hub.send('POST', `/v2/${repository}/blobs/uploads/`, { token });
  expect(begun.status).toBe(202);
  return begun.headers.get('Location') ?? '';
}

test('a push that has no room is refused before it is sent, where its size is told, and says what to do', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await setQuota(hub, 'alice', 1000);
  const token = await hub.fullToken('alice', 'alice/app');
  await hub.pushBlob(token, 'alice/app', 'a'.repeat(900));
  const large = 'b'.repeat(200);
  const whole = hub.send('POST', `/v2/alice/app/blobs/uploads/?digest=${digestOf(large)}`, {
    token,
    body: large,
  });
  expect(await refusalOf(await whole)).toBe(
    'the quota of alice is exceeded: 900B of 1kB are used, this needs 200B more: ' +
      'delete images or repositories there, or ask an administrator for more',
  );
  // What fits goes in, and what the namespace has already, sent again or mounted, takes no room.
  await hub.pushBlob(token, 'alice/app', 'c'.repeat(100));
  await hub.pushBlob(token, 'alice/app', 'a'.repeat(900));
  const other = await hub.token('alice', 'repository:alice/app:pull', 'repository:alice/other:pull,push');
  await hub.pushBlob(other, 'alice/other', 'a'.repeat(900));
  const mount = `/v2/alice/other/blobs/uploads/?mount=${digestOf('c'.repeat(100))}&from=alice/app`;
  expect((await hub.send('POST', mount, { token: other })).status).toBe(201);
  expect(await quotaOf(hub, 'alice')).toMatchObject({ max_bytes: 1000, used_bytes: 1000 });
  await refusalOf(await hub.send('POST', '/v2/alice/other/blobs/uploads/', { token: other }));
});

test('a chunk of unknown length is refused in the middle, and nothing of it stays', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await setQuota(hub, 'alice', 1000);
  const token = await hub.fullToken('alice', 'alice/app');
  const location = await openUpload(hub, token, 'alice/app');
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 300;
      if (sent > 1_000_000) controller.close();
      else controller.enqueue(new Uint8Array(300));
    },
  });
  expect(await refusalOf(await hub.send('PATCH', location, { token, body: endless }))).toContain(
    'needs 1.2kB more',
  );
  expect(sent).toBeLessThan(10_000);
  expect((await hub.send('GET', location, { token })).status).toBe(404);
});

test('pushes at once stay within the quota together: of what fits once only one gets in', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await setQuota(hub, 'alice', 1000);
  const token = await hub.fullToken('alice', 'alice/app');
  const pushes = Array.from({ length: 8 }, async (_, number) => {
    const bytes = String(number).repeat(600);
    const location = await openUpload(hub, token, 'alice/app');
    await hub.send('PATCH', location, { token, body: bytes });
    return hub.send('PUT', `${location}?digest=${digestOf(bytes)}`, { token });
  });
  const statuses = (await Promise.all(pushes)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 403)).toHaveLength(7);
  expect(await quotaOf(hub, 'alice')).toMatchObject({ used_bytes: 600 });
});

test('images of a namespace that is over its quota can be pulled, and named anew; nothing is added', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  const image = await hub.pushImage('alice', 'alice/app', '1.0');
  // What was there before is counted, once.
  const bytes = (await setQuota(hub, 'alice', 1)).used_bytes;
  expect(bytes).toBeGreaterThan(image.bytes.length);
  const token = await hub.fullToken('alice', 'alice/app');
  expect((await hub.send('GET', '/v2/alice/app/manifests/1.0', { token })).status).toBe(200);
  expect((await hub.send('GET', `/v2/alice/app/blobs/${image.layer}`, { token })).status).toBe(200);
  expect((await hub.putManifest(token, 'alice/app', '1.1', image.bytes)).status).toBe(201);
  const another = image.bytes.replace('{', '{ ');
  await refusalOf(await hub.putManifest(token, 'alice/app', '1.2', another));
  expect((await hub.send('GET', '/v2/alice/app/manifests/1.2', { token })).status).toBe(404);
  await setQuota(hub, 'alice', null);
  expect((await hub.putManifest(token, 'alice/app', '1.2', another)).status).toBe(201);
  expect(await quotaOf(hub, 'alice')).toMatchObject({ max_bytes: null, used_bytes: 0 });
});

test('what is deleted, restored and moved is counted where it is', async () => {
  await using hub = await HubFixture.create('root1', 'alice', 'bob');
  await setQuota(hub, 'alice', 100_000);
  await hub.pushImage('alice', 'alice/app', '1.0', 'same');
  const once = (await quotaOf(hub, 'alice')).used_bytes;
  await hub.pushImage('alice', 'alice/copy', '1.0', 'same');
  await hub.pushImage('alice', 'alice/more', '1.0', 'else');
  const all = (await quotaOf(hub, 'alice')).used_bytes;
  const token = await hub.session('alice');
  const remove = (name: string) => hub.send('DELETE', `/v2/repositories/alice/${name}/`, { token });
  await remove('copy');
  expect(await quotaOf(hub, 'alice')).toMatchObject({ used_bytes: all });
  await remove('more');
  expect(await quotaOf(hub, 'alice')).toMatchObject({ used_bytes: once });
  const rename = { name: 'renamed' };
  expect((await hub.send('POST', '/v2/repositories/alice/app/move', { token, body: rename })).status).toBe(
    200,
  );
  expect(await quotaOf(hub, 'alice')).toMatchObject({ used_bytes: once });

  const deleted = await hub.send('GET', '/v2/namespaces/alice/deleted-repositories', { token });
  const { results } = await bodyOf<{ results: { id: string; name: string }[] }>(deleted);
  const restore = (name: string) => {
    const id = results.find((each) => each.name === name)?.id ?? '';
    return hub.send('POST', `/v2/namespaces/alice/deleted-repositories/${id}/restore`, { token, body: {} });
  };
  expect((await restore('copy')).status).toBe(200);
  await setQuota(hub, 'alice', once + 10);
  expect((await restore('more')).status).toBe(403);
  await setQuota(hub, 'alice', all);
  expect((await restore('more')).status).toBe(200);
  expect(await quotaOf(hub, 'alice')).toMatchObject({ used_bytes: all });
});

test('new accounts and organizations get the default, and a quota goes with its account', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  const token = await hub.session('root1');
  const body = { default_bytes: 5000 };
  expect((await hub.send('PATCH', '/v2/system/quotas', { token, body })).status).toBe(204);
  const bob = { username: 'bob', email: 'bob@hub.test', password: 'correct horse battery' };
  await hub.send('POST', '/v2/users/signup/', { body: bob });
  const made = await hub.send('POST', '/v2/orgs', { token, body: { orgname: 'acme' } });
  expect(made.status).toBe(201);
  expect(await quotaOf(hub, 'alice')).toMatchObject({ max_bytes: null });
  expect(await quotaOf(hub, 'acme', 'root1')).toMatchObject({ max_bytes: 5000, used_bytes: 0 });
  expect(await quotaOf(hub, 'bob')).toMatchObject({ max_bytes: 5000, used_bytes: 0 });
  await using parts = await hub.openParts();
  await parts.accounts.remove('bob');
  expect(await parts.quotas.find('bob')).toBeUndefined();
});

test('only who looks after a namespace knows its quota, and only administrators set one', async () => {
  await using hub = await HubFixture.create('root1', 'alice', 'bob');
  await setQuota(hub, 'alice', 1000);
  const token = await hub.session('bob');
  expect((await hub.send('GET', '/v2/namespaces/alice/quota', { token })).status).toBe(403);
  expect((await hub.send('PUT', '/v2/system/quotas/bob', { token, body: { max_bytes: null } })).status).toBe(
    404,
  );
  const root = await hub.session('root1');
  const list = await hub.send('GET', '/v2/system/quotas', { token: root });
  expect(await list.json()).toMatchObject({
    count: 1,
    default_bytes: null,
    results: [{ namespace: 'alice', max_bytes: 1000, used_bytes: 0 }],
  });
  const wrong = await hub.send('PUT', '/v2/system/quotas/Not%20One', { token: root, body: { max_bytes: 1 } });
  expect(wrong.status).toBe(400);
  for (const bytes of [0, -1, 1.5, '20GB']) {
    const refused = await hub.send('PUT', '/v2/system/quotas/bob', {
      token: root,
      body: { max_bytes: bytes },
    });
    expect(refused.status).toBe(400);
  }
});
