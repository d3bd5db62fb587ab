/** What was deleted comes back whole while the grace period lasts, for who may delete. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Repository, Tag } from '../../hub-api/types.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { NotFoundError } from '../../lib/errors.ts';
import { collectGarbage } from '../registry/collect-garbage.ts';
import { pushManifest } from '../registry/push-manifest.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const day = 86_400_000;
const tags = '/v2/namespaces/alice/repositories/app/deleted-tags';
const repositories = '/v2/namespaces/alice/deleted-repositories';

interface Deleted {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly deleted_by: string;
  readonly deleted_at: string;
  readonly expires_at: string;
}

async function deleted(hub: HubFixture, path: string, token: string): Promise<readonly Deleted[]> {
  const response = await hub.send('GET', path, { token });
  expect(response.status).toBe(200);
  return ((await response.json()) as { results: Deleted[] }).results;
}

/** @param grace in milliseconds; none: whatever may go goes. */
async function collect(hub: HubFixture, grace: number, untagged = false): Promise<number> {
  await using parts = await hub.openParts();
  const before = new Date(Date.now() - grace);
  return (await collectGarbage(parts, { before, untagged, dryRun: false })).blobs;
}

async function pulls(hub: HubFixture, repository: string, reference: string): Promise<boolean> {
  const token = await hub.token('alice', `repository:${repository}:pull`);
  const response = await hub.send('GET', `/v2/${repository}/manifests/${reference}`, { token });
  if (response.status !== 200) return false;
  const { config, layers } = (await response.json()) as {
    config: { digest: string };
    layers: { digest: string }[];
  };
  for (const { digest } of [config, ...layers]) {
    if ((await hub.send('GET', `/v2/${repository}/blobs/${digest}`, { token })).status !== 200) return false;
  }
  return true;
}

describe('a deleted tag', () => {
  for (const by of ['name', 'digest', 'API'] as const) {
    test(`comes back, when it was deleted by ${by}, although garbage was collected`, async () => {
      await using hub = await HubFixture.create('alice');
      const image = await hub.pushImage('alice', 'alice/app', 'v1');
      const session = await hub.session('alice');
      const token = await hub.fullToken('alice', 'alice/app');
      if (by === 'API') await hub.send('DELETE', '/v2/repositories/alice/app/tags/v1/', { token: session });
      else {
        const reference = by === 'name' ? 'v1' : image.digest;
        await hub.send('DELETE', `/v2/alice/app/manifests/${reference}`, { token });
      }
      expect(await pulls(hub, 'alice/app', 'v1')).toBe(false);
      await makeOlder(hub, 2 * day, 'manifests', 'pushed_at');
      await collect(hub, day, true);
      const [found] = await deleted(hub, tags, session);
      expect(found).toMatchObject({ name: 'v1', digest: image.digest, deleted_by: 'alice' });
      expect(Date.parse(found?.expires_at ?? '') - Date.parse(found?.deleted_at ?? '')).toBe(day);
      const restored = await hub.send('POST', `${tags}/${found?.id}/restore`, { token: session, body: {} });
      expect([restored.status, ((await restored.json()) as Tag).digest]).toEqual([200, image.digest]);
      expect(await pulls(hub, 'alice/app', 'v1')).toBe(true);
      expect(await deleted(hub, tags, session)).toEqual([]);
    });
  }

  test('of an index brings its images along', async () => {
    await using hub = await HubFixture.create('alice');
    const child = await hub.pushImage('alice', 'alice/app', 'child');
    const token = await hub.fullToken('alice', 'alice/app');
    const manifests = [{ mediaType: mediaTypes.ociManifest, digest: child.digest, size: child.bytes.length }];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
    const put = await hub.putManifest(token, 'alice/app', 'all', index, mediaTypes.ociIndex);
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/alice/app/manifests/child', { token });
    await hub.send('DELETE', `/v2/alice/app/manifests/${put.headers.get('Docker-Content-Digest')}`, {
      token,
    });
    await makeOlder(hub, 2 * day, 'manifests', 'pushed_at');
    await collect(hub, day, true);
    const all = await deleted(hub, tags, session);
    expect(all.map(({ name }) => name)).toEqual(['all', 'child']);
    await hub.send('POST', `${tags}/${all[0]?.id}/restore`, { token: session, body: {} });
    expect(await pulls(hub, 'alice/app', child.digest)).toBe(true);
    expect((await hub.send('HEAD', '/v2/alice/app/manifests/all', { token })).status).toBe(200);
  });

  test('does not come back over one of its name', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'v1', 'old');
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/repositories/alice/app/tags/v1/', { token: session });
    const { digest } = await hub.pushImage('alice', 'alice/app', 'v1', 'new');
    const [found] = await deleted(hub, tags, session);
    const restored = await hub.send('POST', `${tags}/${found?.id}/restore`, { token: session, body: {} });
    expect(restored.status).toBe(409);
    const tag = await hub.send('GET', '/v2/repositories/alice/app/tags/v1/');
    expect(((await tag.json()) as Tag).digest).toBe(digest);
  });

  test('is gone when the grace period is over, with its bytes', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', 'alice/app', 'v1');
    const session = await hub.session('alice');
    const token = await hub.fullToken('alice', 'alice/app');
    await hub.send('DELETE', `/v2/alice/app/manifests/${image.digest}`, { token });
    const [found] = await deleted(hub, tags, session);
    await makeOlder(hub, 2 * day, 'deleted_tags', 'deleted_at');
    expect(await deleted(hub, tags, session)).toEqual([]);
    const late = await hub.send('POST', `${tags}/${found?.id}/restore`, { token: session, body: {} });
    expect(late.status).toBe(404);
    expect(await collect(hub, -1000)).toBe(2);
  });

  test('is shown to and brought back by who may delete, nobody else', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'v1');
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/repositories/alice/app/tags/v1/', { token: session });
    const [found] = await deleted(hub, tags, session);
    const bob = await hub.session('bob');
    const restore = `${tags}/${found?.id}/restore`;
    expect((await hub.send('GET', tags, { token: bob })).status).toBe(403);
    expect((await hub.send('GET', tags)).status).toBe(401);
    expect((await hub.send('POST', restore, { token: bob, body: {} })).status).toBe(403);
    // The number of a deletion opens nothing in another repository.
    await hub.pushImage('bob', 'bob/app', 'v2');
    const elsewhere = restore.replace('alice/', 'bob/');
    expect((await hub.send('POST', elsewhere, { token: bob, body: {} })).status).toBe(404);
    expect(await deleted(hub, tags.replace('alice/', 'bob/'), bob)).toEqual([]);
  });
});

describe('a deleted repository', () => {
  test('comes back with its images, stars and settings, although garbage was collected', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/team/app', 'v1');
    const session = await hub.session('alice');
    const bob = await hub.session('bob');
    await hub.send('POST', '/v2/repositories/alice/team%2Fapp/stars/', { token: bob, body: {} });
    await hub.send('DELETE', '/v2/repositories/alice/team%2Fapp/', { token: session });
    expect(await pulls(hub, 'alice/team/app', 'v1')).toBe(false);
    for (const query of ['', 'app']) {
      const search = await hub.send('GET', `/v2/search/repositories/?query=${query}`, { token: session });
      expect(((await search.json()) as { count: number }).count).toBe(0);
    }
    const catalog = await hub.send('GET', '/v2/_catalog', {
      token: await hub.token('alice', 'registry:catalog:*'),
    });
    expect(await catalog.json()).toEqual({ repositories: [] });
    const listed = await hub.send('GET', '/v2/namespaces/alice/repositories', { token: session });
    expect(((await listed.json()) as { count: number }).count).toBe(0);
    await collect(hub, day, true);
    const [found] = await deleted(hub, repositories, session);
    expect(found).toMatchObject({ namespace: 'alice', name: 'team/app', deleted_by: 'alice' });
    const address = `${repositories}/${found?.id}/restore`;
    const restored = await hub.send('POST', address, { token: session, body: {} });
    expect([restored.status, ((await restored.json()) as Repository).star_count]).toEqual([200, 1]);
    expect(await pulls(hub, 'alice/team/app', 'v1')).toBe(true);
    const search = await hub.send('GET', '/v2/search/repositories/?query=app');
    expect(((await search.json()) as { count: number }).count).toBe(1);
  });

  test('leaves its name free; with that taken it comes back under another', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'v1', 'old');
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/repositories/alice/app/', { token: session });
    await hub.pushImage('alice', 'alice/app', 'v2', 'new');
    const [found] = await deleted(hub, repositories, session);
    const address = `${repositories}/${found?.id}/restore`;
    expect((await hub.send('POST', address, { token: session, body: {} })).status).toBe(400);
    const body = { name: 'app-before' };
    expect((await hub.send('POST', address, { token: session, body })).status).toBe(200);
    expect(await pulls(hub, 'alice/app-before', 'v1')).toBe(true);
    expect(await pulls(hub, 'alice/app', 'v1')).toBe(false);
    expect(await pulls(hub, 'alice/app', 'v2')).toBe(true);
  });

  test('lends none of its blobs, and takes no push that was under way', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', 'alice/app', 'v1');
    const token = await hub.fullToken('alice', 'alice/app');
    const started = await hub.send('POST', '/v2/alice/app/blobs/uploads/', { token });
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/repositories/alice/app/', { token: session });
    const other = await hub.fullToken('alice', 'alice/other');
    for (const from of ['', '&from=alice/app']) {
      const mount = `/v2/alice/other/blobs/uploads/?mount=${image.layer}${from}`;
      expect((await hub.send('POST', mount, { token: other })).status).toBe(202);
    }
    const upload = started.headers.get('Location') ?? '';
    expect((await hub.send('PATCH', upload, { token, body: 'late' })).status).toBe(404);
    expect((await hub.putManifest(token, 'alice/app', 'v2', image.bytes)).status).toBe(400);
    // A push that had found the repository before it was deleted.
    await using parts = await hub.openParts();
    const late = { bytes: new TextEncoder().encode(image.bytes), contentType: mediaTypes.ociManifest };
    const push = { ...late, repositoryId: 1, tags: ['v2'], pushedBy: 1 };
    await expect(pushManifest(parts, push)).rejects.toBeInstanceOf(NotFoundError);
  });

  test('is gone when the grace period is over, with its bytes', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'v1');
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/repositories/alice/app/', { token: session });
    await makeOlder(hub, 2 * day, 'deleted_repositories', 'deleted_at');
    expect(await deleted(hub, repositories, session)).toEqual([]);
    await using parts = await hub.openParts();
    const dry = { before: new Date(Date.now() + 1000), untagged: false, dryRun: true };
    expect((await collectGarbage(parts, dry)).blobs).toBe(2);
    expect(await collect(hub, -1000)).toBe(2);
  });

  test('is shown to and brought back by who owns the namespace, also when an account of that name comes', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'v1');
    const session = await hub.session('alice');
    await hub.send('DELETE', '/v2/repositories/alice/app/', { token: session });
    const [found] = await deleted(hub, repositories, session);
    for (const other of ['root1', 'bob']) {
      const token = await hub.session(other);
      expect((await hub.send('GET', repositories, { token })).status).toBe(403);
      for (const id of [found?.id, '999']) {
        const answer = await hub.send('POST', `${repositories}/${id}/restore`, { token, body: {} });
        expect(answer.status).toBe(403);
      }
      const own = `/v2/namespaces/${other}/deleted-repositories/${found?.id}/restore`;
      expect((await hub.send('POST', own, { token, body: {} })).status).toBe(404);
    }
    await using parts = await hub.openParts();
    await parts.accounts.remove('alice');
    const again = { username: 'alice', email: 'a@hub.test', password: 'correct horse battery' };
    expect((await hub.send('POST', '/v2/users/signup/', { body: again })).status).toBe(400);
  });

  test('is deleted with its name typed again, where that is asked for', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'v1');
    const token = await hub.session('alice');
    const path = '/v2/repositories/alice/app/?confirm=';
    expect((await hub.send('DELETE', `${path}alice/ap`, { token })).status).toBe(400);
    expect((await hub.send('DELETE', `${path}alice/app`, { token })).status).toBe(202);
  });
});

/** As if it had been earlier. */
async function makeOlder(
  hub: HubFixture,
  by: number,
  table: 'deleted_tags' | 'deleted_repositories' | 'manifests',
  column: 'deleted_at' | 'pushed_at',
): Promise<void> {
  await using parts = await hub.openParts();
  await parts.database.queries
    .updateTable(table)
    .set({ [column]: Date.now() - by })
    .execute();
}
