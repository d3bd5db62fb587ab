/** What callers send: names of any depth, both addresses, bounds, and nothing taken that is not theirs to say. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page, Repository, Tag } from '../../hub-api/types.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('a name with several parts', () => {
  test('works from push to deletion, whatever its parts are', async () => {
    await using hub = await HubFixture.create('alice');
    const session = await hub.session('alice');
    // The last ones are words of the API's and of the registry's own addresses.
    for (const name of [
      'team/app/web',
      'a/b/c/d/e/f',
      'app/tags',
      'app/tags/latest',
      'x/manifests',
      'stars',
    ]) {
      const image = await hub.pushImage('alice', `alice/${name}`, 'latest');
      const token = await hub.token(undefined, `repository:alice/${name}:pull`);
      const pulled = await hub.send('GET', `/v2/alice/${name}/manifests/latest`, { token });
      expect(pulled.headers.get('Docker-Content-Digest')).toBe(image.digest);
      const escaped = encodeURIComponent(name);
      for (const path of [
        `/v2/repositories/alice/${escaped}`,
        `/v2/namespaces/alice/repositories/${escaped}/`,
      ]) {
        expect(await (await hub.send('GET', path)).json()).toMatchObject({ namespace: 'alice', name });
      }
      const tag = await hub.send('GET', `/v2/repositories/alice/${escaped}/tags/latest/`);
      expect(((await tag.json()) as Tag).digest).toBe(image.digest);
      const removed = await hub.send('DELETE', `/v2/repositories/alice/${escaped}/`, { token: session });
      expect(removed.status).toBe(202);
    }
  });

  test('needs no escaping where nothing of the API’s follows', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/team/app/web', 'latest');
    for (const path of ['/v2/repositories/alice/team/app/web', '/v2/repositories/alice/team/app/web/']) {
      expect(((await (await hub.send('GET', path)).json()) as Repository).name).toBe('team/app/web');
      expect((await hub.send('GET', `${path.replace(/\/$/, '')}/tags/latest`)).status).toBe(200);
    }
  });
});

describe('every address', () => {
  test('ends with or without a slash, and answers HEAD as GET without its body', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    for (const base of ['/v2/namespaces/alice/repositories', '/v2/repositories/alice']) {
      for (const rest of ['', '/app', '/app/tags', '/app/tags/latest', '/app/pulls']) {
        for (const slash of ['', '/']) {
          const path = `${base}${rest}${slash}`;
          const head = await hub.send('HEAD', path);
          expect([path, head.status, await head.text()]).toEqual([path, 200, '']);
          expect((await hub.send('GET', path)).status).toBe(200);
          expect(
            (await hub.send('HEAD', path.replace('alice', 'nobody').replace('app', 'none'))).status,
          ).toBe(rest === '' ? 200 : 404);
        }
      }
    }
  });
});

describe('a list of tags', () => {
  test('comes in pages that name each other, beyond the last there is none', async () => {
    await using hub = await HubFixture.create('alice');
    const image = await hub.pushImage('alice', 'alice/app', 't0');
    const token = await hub.fullToken('alice', 'alice/app');
    for (let number = 1; number < 5; number += 1) {
      await hub.putManifest(token, 'alice/app', `t${number}`, image.bytes);
    }
    const list = async (path: string): Promise<Page<Tag>> =>
      (await (await hub.send('GET', path)).json()) as Page<Tag>;
    const names: string[] = [];
    let next: string | null = '/v2/repositories/alice/app/tags/?page_size=2&ordering=name&name=t';
    for (let page = 1; next !== null; page += 1) {
      const { count, results, previous, next: following }: Page<Tag> = await list(next);
      expect(count).toBe(5);
      expect(previous === null).toBe(page === 1);
      names.push(...results.map(({ name }) => name));
      next = following;
    }
    expect(names).toEqual(['t0', 't1', 't2', 't3', 't4']);
    const descending = await list('/v2/repositories/alice/app/tags?ordering=-name&page_size=1&page=2');
    expect(descending.results.map(({ name }) => name)).toEqual(['t3']);
    expect(new URL(descending.previous ?? '').searchParams.get('page')).toBe('1');
    for (const [query, status] of [
      ['page=6&page_size=1', 404],
      ['page=2', 404],
      ['page=0', 400],
      ['page=-1', 400],
      ['page=1e9', 400],
      ['page=99999999999', 400],
      ['page_size=0', 400],
      ['page_size=1000', 200],
      ['ordering=digest', 400],
      ['ordering=name desc', 400],
      ['ordering=', 200],
      ['name=%25', 200],
    ] as const) {
      expect([query, (await hub.send('GET', `/v2/repositories/alice/app/tags?${query}`)).status]).toEqual([
        query,
        status,
      ]);
    }
  });
});

describe('input', () => {
  test('is bounded: one line of description, a README of 25,000 characters', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.session('alice');
    const status = async (body: object): Promise<number> =>
      (await hub.send('PATCH', '/v2/repositories/alice/app/', { token, body })).status;
    expect(await status({ description: 'ã'.repeat(100), full_description: 'ã'.repeat(25_000) })).toBe(200);
    expect(await status({ description: 'x'.repeat(101) })).toBe(400);
    expect(await status({ full_description: 'x'.repeat(25_001) })).toBe(400);
    expect(await status({ full_description: 'x'.repeat(600_000) })).toBe(400);
    expect(await status({ is_private: 'yes' })).toBe(400);
    for (const body of ['{', '[]', 'null', '['.repeat(100_000)]) {
      const headers = { 'Content-Type': 'application/json' };
      expect((await hub.send('PATCH', '/v2/repositories/alice/app/', { token, body, headers })).status).toBe(
        400,
      );
    }
  });

  test('is given back as it came, as JSON that no browser takes for a page', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.session('alice');
    const text = '<script>alert(1)</script><img src=x onerror=alert(1)>';
    const body = { description: text, full_description: `[x](javascript:alert(1)) ${text}` };
    await hub.send('PATCH', '/v2/repositories/alice/app/', { token, body });
    const response = await hub.send('GET', '/v2/repositories/alice/app/');
    expect(response.headers.get('Content-Type')).toStartWith('application/json');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(await response.json()).toMatchObject(body);
  });

  test('says nothing about what is not the caller’s to say', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    const token = await hub.session('alice');
    const more = {
      id: 99,
      user: 'bob',
      owner: 'bob',
      hub_user: 'bob',
      star_count: 1000,
      pull_count: 1000,
      is_pending: 1,
      search_rank: 1,
      is_admin: true,
      permissions: { admin: true },
      immutable_tags: 1,
      date_registered: '2001-01-01T00:00:00Z',
    };
    const untouched = {
      namespace: 'alice',
      name: 'app',
      user: 'alice',
      star_count: 0,
      pull_count: 0,
      immutable_tags_settings: { enabled: false },
    };
    const made = await hub.send('POST', '/v2/repositories/', {
      token,
      body: { ...more, namespace: 'alice', name: 'app' },
    });
    expect(await made.json()).toMatchObject(untouched);
    // The address says where, whatever the body does.
    const elsewhere = { ...more, namespace: 'bob', name: 'app2' };
    const address = '/v2/namespaces/alice/repositories';
    const second = await hub.send('POST', address, { token, body: elsewhere });
    expect(await second.json()).toMatchObject({ namespace: 'alice', name: 'app2' });
    const changed = await hub.send('PATCH', '/v2/repositories/alice/app/', {
      token,
      body: { ...more, namespace: 'bob', name: 'stolen', description: 'changed' },
    });
    expect(await changed.json()).toMatchObject({ ...untouched, description: 'changed' });
    const user = await hub.send('GET', '/v2/user/', { token });
    expect(await user.json()).toMatchObject({ is_admin: false });
  });

  test('with signs that mean something to the database finds only itself', async () => {
    await using hub = await HubFixture.create('root1', 'a_b', 'axb');
    await hub.pushImage('a_b', 'a_b/one', 'v1');
    await hub.pushImage('axb', 'axb/two', 'v1');
    const names = async (path: string): Promise<readonly string[]> => {
      const { results } = (await (await hub.send('GET', path)).json()) as Page<Repository>;
      return results.map(({ namespace }) => namespace);
    };
    expect(await names('/v2/namespaces/a_b/repositories')).toEqual(['a_b']);
    expect(await names('/v2/namespaces/a%25b/repositories')).toEqual([]);
    expect(await names("/v2/namespaces/a_b/repositories?name=' OR 1=1 --")).toEqual([]);
    expect(await names('/v2/namespaces/a_b/repositories?name=\\')).toEqual([]);
  });
});
