/** What filters leave out of a search, and the orders that it can have. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page, SearchResult } from '../../hub-api/types.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

let hub: HubFixture;
let tokens: Readonly<Record<'root1' | 'alice' | 'bob', string>>;

const day = 24 * 3600_000;

beforeAll(async () => {
  hub = await HubFixture.create('root1', 'alice', 'bob');
  tokens = {
    root1: await hub.session('root1'),
    alice: await hub.session('alice'),
    bob: await hub.session('bob'),
  };
  for (const [path, user] of [
    ['library/tool', 'root1'],
    ['alice/tool-a', 'alice'],
    ['alice/tool-b', 'alice'],
    ['alice/tool-private', 'alice'],
    ['bob/tool-c', 'bob'],
    ['bob/other', 'bob'],
  ] as const) {
    await hub.pushImage(user, path, '1.0', path);
  }
  const token = tokens.alice;
  await hub.send('PATCH', '/v2/repositories/alice/tool-private/', { token, body: { is_private: true } });
  for (const name of ['root1', 'alice', 'bob'] as const) {
    await hub.send('POST', '/v2/repositories/alice/tool-b/stars/', { token: tokens[name], body: {} });
  }
  await hub.send('POST', '/v2/repositories/bob/tool-c/stars/', { token: tokens.bob, body: {} });
  for (const [name, days] of [
    ['tool', 400],
    ['tool-a', 2],
    ['tool-b', 20],
    ['tool-c', 0.1],
    ['tool-private', 0.2],
    ['other', 3],
  ] as const) {
    const pushedAt = Math.floor(Date.now() - days * day);
    await hub.query(sql`UPDATE repositories SET last_pushed_at = ${pushedAt} WHERE name = ${name}`);
  }
  await hub.query(sql`UPDATE manifests SET architecture = 'arm64' WHERE repository_id IN (
    SELECT id FROM repositories WHERE name IN ('tool-a', 'other'))`);
});
afterAll(() => hub[Symbol.asyncDispose]());

async function search(query: string, user?: keyof typeof tokens): Promise<readonly string[]> {
  const token = user && tokens[user];
  const response = await hub.send('GET', `/v2/search/repositories/?page_size=100&${query}`, { token });
  expect(response.status).toBe(200);
  const page = (await response.json()) as Page<SearchResult>;
  expect(page.count).toBe(page.results.length);
  return page.results.map(({ repo_name }) => repo_name);
}

test.each([
  ['official=true', ['tool']],
  ['query=tool&official=true', ['tool']],
  ['stars=1', ['alice/tool-b', 'bob/tool-c']],
  ['query=tool&stars=2', ['alice/tool-b']],
  ['updated=day', ['bob/tool-c']],
  ['query=tool&updated=week', ['alice/tool-a', 'bob/tool-c']],
  ['query=tool&updated=year', ['alice/tool-a', 'alice/tool-b', 'bob/tool-c']],
  ['architecture=arm64', ['alice/tool-a', 'bob/other']],
  ['query=tool&architecture=ARM64', ['alice/tool-a']],
  ['query=tool&architecture=arm64&stars=1', []],
  ['mine=true', []],
])('%s finds what it says, and nothing private', async (query, expected) => {
  expect((await search(query)).toSorted()).toEqual(expected);
});

test('an order is of all that is found', async () => {
  expect(await search('query=tool&sort=name')).toEqual([
    'alice/tool-a',
    'alice/tool-b',
    'bob/tool-c',
    'tool',
  ]);
  expect(await search('sort=updated')).toEqual([
    'bob/tool-c',
    'alice/tool-a',
    'bob/other',
    'alice/tool-b',
    'tool',
  ]);
  expect((await search('query=tool&sort=stars')).slice(0, 2)).toEqual(['alice/tool-b', 'bob/tool-c']);
});

test('one’s own are those below one’s namespace, private ones among them', async () => {
  const mine = ['alice/tool-a', 'alice/tool-b', 'alice/tool-private'];
  expect(await search('mine=true&sort=name', 'alice')).toEqual(mine);
  expect(await search('mine=true&query=priv', 'alice')).toEqual(['alice/tool-private']);
  expect(await search('mine=true&query=priv', 'bob')).toEqual([]);
  expect(await search('updated=day&query=tool&sort=name', 'alice')).toEqual([
    'alice/tool-private',
    'bob/tool-c',
  ]);
  expect(await search('sort=updated', 'bob')).not.toContain('alice/tool-private');
});

test('what cannot be asked is refused, and so is a page beyond the last', async () => {
  for (const query of [
    'sort=size',
    'stars=-1',
    'updated=hour',
    'official=maybe',
    `architecture=${'x'.repeat(65)}`,
  ]) {
    expect((await hub.send('GET', `/v2/search/repositories/?${query}`)).status).toBe(400);
  }
  expect((await hub.send('GET', '/v2/search/repositories/?stars=1&page=2')).status).toBe(404);
});
