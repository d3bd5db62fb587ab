import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { IndexSearchResponse, Page, Repository, SearchResult, Tag } from '../../hub-api/types.ts';
import { mediaTypes } from '../../oci/image/media-type.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function json<T>(response: Response | Promise<Response>): Promise<T> {
  return (await (await response).json()) as T;
}

describe('a repository', () => {
  test('is made, looked at, changed and deleted by its owner', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const token = await hub.session('alice');
    const body = { namespace: 'alice', name: 'app', description: 'first', is_private: false };
    const made = await hub.send('POST', '/v2/repositories/', { token, body });
    expect(made.status).toBe(201);
    const path = '/v2/repositories/alice/app/';
    const seen = await json<Repository>(hub.send('GET', path));
    expect(seen).toMatchObject({
      ...body,
      pull_count: 0,
      permissions: { read: true, write: false, admin: false },
    });
    const change = { full_description: '# Hello' };
    const changed = await json<Repository>(hub.send('PATCH', path, { token, body: change }));
    expect(changed).toMatchObject({ description: 'first', full_description: '# Hello' });
    const bob = await hub.session('bob');
    expect((await hub.send('PATCH', path, { token: bob, body: change })).status).toBe(403);
    expect((await hub.send('DELETE', path, { token: bob })).status).toBe(403);
    expect((await hub.send('DELETE', path)).status).toBe(401);
    expect((await hub.send('DELETE', path, { token })).status).toBe(202);
    expect((await hub.send('GET', path, { token })).status).toBe(404);
  });

  test('has a name of its own, well formed, in a namespace of its maker', async () => {
    await using hub = await HubFixture.create('admin1', 'alice');
    const token = await hub.session('alice');
    const status = async (namespace: string, name: string): Promise<number> =>
      (await hub.send('POST', '/v2/repositories', { token, body: { namespace, name } })).status;
    expect(await status('alice', 'app')).toBe(201);
    expect(await status('alice', 'app')).toBe(400);
    expect(await status('alice', 'team/app')).toBe(201);
    for (const name of ['App', 'a b', '../x', '', 'a//b', '_x', 'x'.repeat(256)]) {
      expect(await status('alice', name)).toBe(400);
    }
    expect(await status('admin1', 'app')).toBe(403);
    expect(await status('library', 'app')).toBe(403);
    expect((await hub.send('GET', '/v2/repositories/alice/team%2Fapp/')).status).toBe(200);
  });

  test('that is made while its first push is under way keeps what was said about it', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushBlob(await hub.fullToken('alice', 'alice/app'), 'alice/app', 'early');
    const body = { namespace: 'alice', name: 'app', is_private: true };
    const token = await hub.session('alice');
    expect((await hub.send('POST', '/v2/repositories/', { token, body })).status).toBe(201);
    await hub.pushImage('alice', 'alice/app', 'latest');
    expect((await hub.send('GET', '/v2/repositories/alice/app/')).status).toBe(404);
  });

  test('counts stars once for each account', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.session('bob');
    const path = '/v2/repositories/alice/app/stars/';
    await hub.send('POST', path, { token, body: {} });
    await hub.send('POST', path, { token, body: {} });
    const starred = await json<Repository>(hub.send('GET', '/v2/repositories/alice/app/', { token }));
    expect([starred.star_count, starred.has_starred]).toEqual([1, true]);
    expect((await hub.send('DELETE', path, { token })).status).toBe(204);
    expect(
      (await json<Repository>(hub.send('GET', '/v2/repositories/alice/app/', { token }))).star_count,
    ).toBe(0);
    expect((await hub.send('POST', path, { body: {} })).status).toBe(401);
  });

  test('counts a pull for a manifest that is fetched, not for one that is looked at', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.token(undefined, 'repository:alice/app:pull');
    await hub.send('HEAD', '/v2/alice/app/manifests/latest', { token });
    await hub.send('GET', '/v2/alice/app/manifests/latest', { token });
    await hub.send('GET', '/v2/alice/app/manifests/latest', { token });
    await hub.restart();
    expect((await json<Repository>(hub.send('GET', '/v2/repositories/alice/app/'))).pull_count).toBe(2);
    const tag = await json<Tag>(hub.send('GET', '/v2/repositories/alice/app/tags/latest/'));
    expect(tag.tag_last_pulled).not.toBeNull();
  });

  test('is listed in pages, in the order asked for, private ones for the owner alone', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    for (const name of ['a_b', 'axb', 'c', 'd']) {
      const body = { namespace: 'alice', name, is_private: name === 'd' };
      await hub.send('POST', '/v2/repositories/', { token, body });
    }
    const list = async (query: string, session?: string): Promise<Page<Repository>> =>
      json(hub.send('GET', `/v2/namespaces/alice/repositories${query}`, { token: session }));
    const first = await list('?ordering=name&page_size=2', token);
    expect([first.count, first.results.map(({ name }) => name)]).toEqual([4, ['a_b', 'axb']]);
    expect(first.next).toContain('page=2');
    expect(first.previous).toBeNull();
    const second = await list('?ordering=-name&page_size=2&page=2');
    expect(second.results.map(({ name }) => name)).toEqual(['a_b']);
    expect((await list('?name=_')).results.map(({ name }) => name)).toEqual(['a_b']);
    expect((await list('?name=%25')).count).toBe(0);
    for (const query of [
      '?page=9',
      '?page=0',
      '?page_size=x',
      '?ordering=password_hash',
      '?ordering=name;drop',
    ]) {
      const response = await hub.send('GET', `/v2/namespaces/alice/repositories${query}`);
      expect([400, 404]).toContain(response.status);
    }
  });
});

describe('a tag', () => {
  test('is told with digest, size, platform, who pushed it, and layers with their commands', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', 'alice/app', '1.0');
    const tag = await json<Tag>(hub.send('GET', '/v2/repositories/alice/app/tags/1.0/'));
    expect(tag).toMatchObject({
      name: '1.0',
      digest: image.digest,
      media_type: mediaTypes.ociManifest,
      last_updater_username: 'alice',
      images: [
        {
          os: 'linux',
          architecture: 'amd64',
          digest: image.digest,
          config_digest: image.config,
          layers: [
            { digest: image.layer, size: 12, instruction: 'RUN make 1.0', created: '2026-01-02T03:04:05Z' },
            { digest: null, size: 0, instruction: 'CMD ["sh"]', created: null },
          ],
        },
      ],
    });
    expect(tag.full_size).toBe(tag.images[0]?.size ?? 0);
  });

  test('of an index has one image for each platform', async () => {
    await using hub = await HubFixture.create('alice');
    const first = await hub.pushImage('alice', 'alice/app', 'a');
    const second = await hub.pushImage('alice', 'alice/app', 'b');
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [first, second].map(({ digest, bytes }) => ({
        mediaType: mediaTypes.ociManifest,
        digest,
        size: bytes.length,
      })),
    });
    const token = await hub.fullToken('alice', 'alice/app');
    await hub.putManifest(token, 'alice/app', 'all', index, mediaTypes.ociIndex);
    const list = await json<Page<Tag>>(hub.send('GET', '/v2/repositories/alice/app/tags/?name=al'));
    expect(list.count).toBe(1);
    expect(list.results[0]?.images.map(({ digest }) => digest).toSorted()).toEqual(
      [first.digest, second.digest].toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });

  test('is deleted by the owner', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'old');
    const token = await hub.session('alice');
    expect((await hub.send('DELETE', '/v2/repositories/alice/app/tags/old/')).status).toBe(401);
    expect((await hub.send('DELETE', '/v2/repositories/alice/app/tags/old/', { token })).status).toBe(204);
    expect((await hub.send('GET', '/v2/repositories/alice/app/tags/old/')).status).toBe(404);
  });
});

describe('search', () => {
  test('finds words by their beginnings in namespace, name and description, official images first', async () => {
    await using hub = await HubFixture.create('admin1', 'ricdtaveira');
    await hub.pushImage('ricdtaveira', 'ricdtaveira/ubuntu', 'latest');
    await hub.pushImage('admin1', 'library/debian', 'latest');
    const token = await hub.session('admin1');
    const body = { description: 'stands in for ubuntu' };
    await hub.send('PATCH', '/v2/repositories/library/debian/', { token, body });
    const found = await json<IndexSearchResponse>(hub.send('GET', '/v1/search?q=ubuntu&n=25'));
    expect(found.num_results).toBe(2);
    expect(found.results.map(({ name, is_official }) => [name, is_official])).toEqual([
      ['debian', true],
      ['ricdtaveira/ubuntu', false],
    ]);
    const names = async (query: string): Promise<string[]> => {
      const params = new URLSearchParams({ query });
      const page = await json<Page<SearchResult>>(hub.send('GET', `/v2/search/repositories/?${params}`));
      return page.results.map((result) => result.repo_name);
    };
    expect(await names('ricdtaveira/ubuntu')).toEqual(['ricdtaveira/ubuntu']);
    expect(await names('UBU')).toEqual(['debian', 'ricdtaveira/ubuntu']);
    expect(await names('')).toEqual(['debian', 'ricdtaveira/ubuntu']);
    for (const odd of ['%', '"', 'a" OR "b', 'ubuntu*', "';--", 'name:x', '\\', 'NEAR(', 'zzz']) {
      expect(await names(odd)).toEqual(odd === 'ubuntu*' ? ['debian', 'ricdtaveira/ubuntu'] : []);
    }
    await hub.send('DELETE', '/v2/repositories/library/debian/', { token });
    expect(await names('ubuntu')).toEqual(['ricdtaveira/ubuntu']);
  });
});
