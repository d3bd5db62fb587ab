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
  expect(await parts.quotas.find('bob')).toMatchObject({ max_bytes: null, max_all: null });
});

const limit = async (hub: HubFixture, namespace: string, body: object): Promise<Response> =>
  hub.send('PUT', `/v2/system/quotas/${namespace}`, { token: await hub.session('root1'), body });

test('another repository than a namespace may have is refused, however it would come to be', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  await hub.pushImage('alice', 'alice/one', '1.0');
  expect((await limit(hub, 'alice', { max_repositories: 2, max_private_repositories: 1 })).status).toBe(200);
  const token = await hub.session('alice');
  const make = (name: string, isPrivate = false) =>
    hub.send('POST', '/v2/repositories/', {
      token,
      body: { namespace: 'alice', name, is_private: isPrivate },
    });
  expect((await make('two', true)).status).toBe(201);
  const refused = await make('three');
  expect(refused.status).toBe(403);
  expect(await refused.text()).toContain(
    'the quota of alice is exceeded: it has 2 of 2 repositories: delete one, or ask an administrator for more',
  );
  // A push to a new name is refused at its first byte, one to a name that is there is not.
  const push = await hub.token('alice', 'repository:alice/three:pull,push', 'repository:alice/one:pull,push');
  const begun = await hub.send('POST', '/v2/alice/three/blobs/uploads/', { token: push });
  expect(await refusalOf(begun)).toContain('it has 2 of 2 repositories');
  await hub.pushImage('alice', 'alice/one', '1.1');
  const open = (name: string, isPrivate: boolean) =>
    hub.send('POST', `/v2/repositories/alice/${name}/privacy`, { token, body: { is_private: isPrivate } });
  const closed = await open('one', true);
  expect(closed.status).toBe(403);
  expect(await closed.text()).toContain('it has 1 of 1 private repositories: make one public or delete one');
  expect((await open('two', false)).status).toBe(200);
  expect((await open('one', true)).status).toBe(200);
  expect(await quotaOf(hub, 'alice')).toMatchObject({
    max_bytes: null,
    max_repositories: 2,
    repositories: 2,
    max_private_repositories: 1,
    private_repositories: 1,
  });

  // What is deleted makes room, and does not come back where there is none.
  expect((await hub.send('DELETE', '/v2/repositories/alice/two/', { token })).status).toBe(202);
  expect((await make('three')).status).toBe(201);
  const deleted = await hub.send('GET', '/v2/namespaces/alice/deleted-repositories', { token });
  const [two] = (await bodyOf<{ results: { id: string }[] }>(deleted)).results;
  const at = `/v2/namespaces/alice/deleted-repositories/${two?.id}/restore`;
  expect((await hub.send('POST', at, { token, body: {} })).status).toBe(403);
  // Nor from another namespace; a new name in the same one is no other repository.
  await hub.send('POST', '/v2/orgs', { token, body: { orgname: 'acme' } });
  await limit(hub, 'acme', { max_repositories: 0 });
  const move = (body: object) => hub.send('POST', '/v2/repositories/alice/three/move', { token, body });
  expect((await move({ namespace: 'acme' })).status).toBe(403);
  expect((await move({ name: 'four' })).status).toBe(200);
});

test('first pushes at once make as many repositories as there may be, and no more', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  const image = await hub.pushImage('alice', 'alice/first', '1.0');
  await limit(hub, 'alice', { max_repositories: 3 });
  const names = Array.from({ length: 6 }, (_, number) => `alice/app${number}`);
  const pushes = await Promise.all(
    names.map(async (name) => {
      const token = await hub.token('alice', `repository:${name}:pull,push`, 'repository:alice/first:pull');
      for (const blob of [image.config, image.layer]) {
        const mount = `/v2/${name}/blobs/uploads/?mount=${blob}&from=alice/first`;
        const mounted = await hub.send('POST', mount, { token });
        if (mounted.status !== 201) return mounted.status;
      }
      return (await hub.putManifest(token, name, '1.0', image.bytes)).status;
    }),
  );
  expect(pushes.filter((status) => status === 201)).toHaveLength(2);
  expect(pushes.filter((status) => status === 403)).toHaveLength(4);
  expect(await quotaOf(hub, 'alice')).toMatchObject({ repositories: 3 });
});

test('new accounts get the number of repositories that is set for them; what is left out stays', async () => {
  await using hub = await HubFixture.create('root1');
  const token = await hub.session('root1');
  const body = { default_repositories: 5, default_private_repositories: 0 };
  expect((await hub.send('PATCH', '/v2/system/quotas', { token, body })).status).toBe(204);
  const bob = { username: 'bob', email: 'bob@hub.test', password: 'correct horse battery' };
  await hub.send('POST', '/v2/users/signup/', { body: bob });
  await limit(hub, 'bob', { max_bytes: 1000 });
  await limit(hub, 'bob', { max_repositories: null });
  expect(await quotaOf(hub, 'bob')).toMatchObject({
    max_bytes: 1000,
    max_repositories: null,
    max_private_repositories: 0,
  });
  const list = await hub.send('GET', '/v2/system/quotas', { token });
  expect(await list.json()).toMatchObject({ count: 1, default_bytes: null, ...body });
  for (const wrong of [
    { max_repositories: -1 },
    { max_repositories: 1.5 },
    { max_private_repositories: 'x' },
  ]) {
    expect((await limit(hub, 'bob', wrong)).status).toBe(400);
  }
  const log = await hub.send('GET', '/v2/system/auditlogs?action=hub.quota.change', { token });
  expect(await log.text()).toContain('"max_repositories":"none"');
});

test('a request that sets nothing is refused, says what it may set, and is not in the audit log', async () => {
  await using hub = await HubFixture.create('root1', 'alice');
  const token = await hub.session('root1');
  for (const body of [{}, { bytes: 1000 }]) {
    const quota = await limit(hub, 'alice', body);
    expect([quota.status, await quota.text()]).toEqual([
      400,
      expect.stringContaining('give max_bytes, max_repositories or max_private_repositories'),
    ]);
    const otherwise = await hub.send('PATCH', '/v2/system/quotas', { token, body });
    expect([otherwise.status, await otherwise.text()]).toEqual([
      400,
      expect.stringContaining('give default_bytes, default_repositories or default_private_repositories'),
    ]);
  }
  const log = await hub.send('GET', '/v2/system/auditlogs?action=hub.quota.change', { token });
  expect(await log.json()).toMatchObject({ logs: [] });
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
  const absent = await hub.send('PUT', '/v2/system/quotas/nobody', { token: root, body: { max_bytes: 1 } });
  expect([absent.status, await absent.text()]).toEqual([
    404,
    expect.stringContaining('there is no account or organization nobody'),
  ]);
  for (const bytes of [0, -1, 1.5, '20GB']) {
    const refused = await hub.send('PUT', '/v2/system/quotas/bob', {
      token: root,
      body: { max_bytes: bytes },
    });
    expect(refused.status).toBe(400);
  }
});
