/** What is found, in which order, by whom; and that it follows every change of a repository. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { IndexSearchResponse, Page, SearchResult } from '../../hub-api/types.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

async function make(hub: HubFixture, token: string, path: string, rest: object = {}): Promise<void> {
  const [namespace, ...name] = path.split('/');
  const body = { namespace, name: name.join('/'), ...rest };
  expect((await hub.send('POST', '/v2/repositories/', { token, body })).status).toBe(201);
}

async function search(hub: HubFixture, query: string, token?: string): Promise<readonly string[]> {
  const params = new URLSearchParams({ query, page_size: '100' });
  const response = await hub.send('GET', `/v2/search/repositories/?${params}`, { token });
  const page = (await response.json()) as Page<SearchResult>;
  expect(page.count).toBe(page.results.length);
  return page.results.map(({ repo_name }) => repo_name);
}

describe('results', () => {
  test('are the exact name, official ones, one’s own private ones, names that match, then descriptions', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const root = await hub.session('root1');
    const alice = await hub.session('alice');
    await make(hub, alice, 'alice/text', { description: 'about redis' });
    await make(hub, alice, 'alice/redis-tools');
    await make(hub, alice, 'alice/mine', { description: 'redis at home', is_private: true });
    await make(hub, root, 'library/cache', { description: 'not redis' });
    await make(hub, root, 'library/redis');
    expect(await search(hub, 'redis')).toEqual(['redis', 'cache', 'alice/redis-tools', 'alice/text']);
    expect(await search(hub, 'redis', alice)).toEqual([
      'redis',
      'cache',
      'alice/mine',
      'alice/redis-tools',
      'alice/text',
    ]);
    expect(await search(hub, 'alice/text')).toEqual(['alice/text']);
  });

  test('come earlier with more stars and pulls', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const alice = await hub.session('alice');
    for (const name of ['a', 'b', 'c']) await make(hub, alice, `alice/tool-${name}`);
    expect(await search(hub, 'tool')).toEqual(['alice/tool-c', 'alice/tool-b', 'alice/tool-a']);
    const bob = await hub.session('bob');
    const stars = '/v2/repositories/alice/tool-a/stars/';
    await hub.send('POST', stars, { token: bob, body: {} });
    expect((await search(hub, 'tool'))[0]).toBe('alice/tool-a');
    await hub.send('DELETE', stars, { token: bob });
    await hub.pushImage('alice', 'alice/tool-b', 'latest');
    const token = await hub.token(undefined, 'repository:alice/tool-b:pull');
    for (let times = 0; times < 3; times += 1) {
      await hub.send('GET', '/v2/alice/tool-b/manifests/latest', { token });
    }
    await hub.restart();
    expect((await search(hub, 'tool'))[0]).toBe('alice/tool-b');
  });

  test('follow a description, a name and a visibility that change', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await make(hub, token, 'alice/app', { description: 'first words' });
    const change = (path: string, body: object): Promise<Response> =>
      hub.send('PATCH', `/v2/repositories/${path}/`, { token, body });
    await change('alice/app', { description: 'other words' });
    expect([await search(hub, 'first'), await search(hub, 'other')]).toEqual([[], ['alice/app']]);
    await change('alice/app', { is_private: true });
    expect([await search(hub, 'other'), await search(hub, 'other', token)]).toEqual([[], ['alice/app']]);
    await hub.send('POST', '/v2/repositories/alice/app/move/', { token, body: { name: 'web' } });
    expect([await search(hub, 'app', token), await search(hub, 'web', token)]).toEqual([[], ['alice/web']]);
    await change('alice/web', { is_private: false });
    expect(await search(hub, 'other')).toEqual(['alice/web']);
    await hub.send('DELETE', '/v2/repositories/alice/web/', { token });
    expect([await search(hub, 'other'), await search(hub, '', token)]).toEqual([[], []]);
  });

  test('are found without accents and in any case, by the beginning of each word', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    for (const is_private of [false, true]) {
      await make(hub, token, `alice/${is_private ? 'private' : 'public'}`, {
        is_private,
        description: 'Instalação rápida',
      });
    }
    for (const query of ['instalacao', 'INSTALAÇÃO', 'rap inst', 'instalação rápida']) {
      expect((await search(hub, query, token)).toSorted()).toEqual(['alice/private', 'alice/public']);
    }
    expect(await search(hub, 'rapidamente', token)).toEqual([]);
    // Signs that index and query must take for the same words, or for none.
    for (const odd of [
      'ﬀ',
      '\u{1e900}b\u{1e901}',
      '日本',
      'ß',
      'İ',
      '👍',
      'a\u0301',
      '\0',
      '*',
      '"',
      'AND',
      'NOT x',
    ]) {
      const body = { description: odd };
      await hub.send('PATCH', '/v2/repositories/alice/public/', { token, body });
      const isWord = /[\p{L}\p{N}]/u.test(odd);
      expect([odd, await search(hub, odd)]).toEqual([odd, isWord ? ['alice/public'] : []]);
    }
  });

  test('of a namespace whose name begins like another’s are not mixed up with it', async () => {
    await using hub = await HubFixture.create('root1', 'ab', 'abc', 'a_b');
    for (const name of ['ab', 'abc', 'a_b']) {
      await make(hub, await hub.session(name), `${name}/secret`, { is_private: true });
    }
    for (const name of ['ab', 'abc', 'a_b']) {
      expect(await search(hub, 'secret', await hub.session(name))).toEqual([`${name}/secret`]);
    }
  });
});

describe('docker search', () => {
  test('asks for a number of results; the daemon filters by stars and official by what is told of each', async () => {
    await using hub = await HubFixture.create('root1', 'alice');
    const root = await hub.session('root1');
    const alice = await hub.session('alice');
    await make(hub, root, 'library/redis');
    for (let number = 0; number < 30; number += 1) await make(hub, alice, `alice/redis-${number}`);
    await hub.send('POST', '/v2/repositories/alice/redis-7/stars/', { token: alice, body: {} });
    const ask = async (query: string): Promise<IndexSearchResponse> =>
      (await (await hub.send('GET', `/v1/search?${query}`)).json()) as IndexSearchResponse;
    const all = await ask('q=redis');
    expect([all.num_results, all.results.length, all.page_size, all.num_pages]).toEqual([31, 25, 25, 2]);
    for (const [n, length] of [
      ['1', 1],
      ['100', 31],
      ['500', 31],
      ['0', 25],
      ['x', 25],
      ['-1', 25],
    ] as const) {
      expect([n, (await ask(`q=redis&n=${n}`)).results.length]).toEqual([n, length]);
    }
    const [first, second] = all.results;
    expect(first).toEqual({
      name: 'redis',
      description: '',
      star_count: 0,
      pull_count: 0,
      is_official: true,
      is_automated: false,
      is_trusted: false,
    });
    expect(second).toMatchObject({ name: 'alice/redis-7', star_count: 1, is_official: false });
  });

  test('finds out first whether there is something to search', async () => {
    await using hub = await HubFixture.create();
    for (const path of ['/v1/_ping', '/v1/_ping/']) {
      const response = await hub.send('GET', path);
      expect([response.status, await response.json()]).toEqual([200, { standalone: true }]);
      expect(response.headers.get('X-Docker-Registry-Standalone')).toBe('true');
    }
  });
});
