/** Lists of tags: their order, page by page; and the deletion of many. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql } from 'kysely';
import type { DeletedTags, Page, Tag } from '../../hub-api/types.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const repository = '/v2/namespaces/alice/repositories/app';

async function list(hub: HubFixture, query: string, token?: string): Promise<Page<Tag>> {
  const response = await hub.send('GET', `${repository}/tags?${query}`, { token });
  expect(response.status).toBe(200);
  return (await response.json()) as Page<Tag>;
}

async function deleteTags(hub: HubFixture, tags: unknown, token?: string): Promise<Response> {
  return hub.send('POST', `${repository}/tags/delete`, { token, body: { tags } });
}

/** Tags that many pushes of one image would make, an hour between each two. */
async function addTags(hub: HubFixture, names: readonly string[]): Promise<void> {
  const rows = names.map((name, index) => sql`(${name}, CAST(${index * 3_600_000} AS BIGINT))`);
  await hub.query(sql`WITH named (name, pushed_at) AS (VALUES ${sql.join(rows)})
    INSERT INTO tags (repository_id, name, digest, pushed_at)
      SELECT m.repository_id, named.name, m.digest, named.pushed_at FROM named, manifests m`);
}

describe('a list of tags', () => {
  test('is in the order asked for, page by page, with the number of all', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const names = Array.from({ length: 250 }, (_, index) => `1.${String(index).padStart(3, '0')}`);
    await addTags(hub, names);
    const all = [...names, 'latest'];
    for (const [ordering, expected] of [
      ['-last_updated', all.toReversed()],
      ['last_updated', all],
      ['name', all],
      ['-name', all.toReversed()],
    ] as const) {
      const found: string[] = [];
      for (const page of [1, 2, 3]) {
        const { count, results } = await list(hub, `ordering=${ordering}&page_size=100&page=${page}`);
        expect(count).toBe(251);
        found.push(...results.map(({ name }) => name));
      }
      expect([ordering, found]).toEqual([ordering, expected]);
    }
    const some = await list(hub, 'name=24&page_size=100&ordering=name');
    const matching = names.filter((name) => name.includes('24'));
    expect([some.count, some.results.map(({ name }) => name)]).toEqual([matching.length, matching]);
  });

  test('counts on whatever is pushed and deleted', async () => {
    await using hub = await HubFixture.create('alice');
    const count = async (): Promise<number> => (await list(hub, '')).count;
    const { digest } = await hub.pushImage('alice', 'alice/app', '1.0');
    await hub.pushImage('alice', 'alice/app', '2.0', '1.0');
    await hub.pushImage('alice', 'alice/app', '2.0', '1.0');
    expect(await count()).toBe(2);
    const token = await hub.fullToken('alice', 'alice/app');
    // With the manifest its tags go.
    await hub.send('DELETE', `/v2/alice/app/manifests/${digest}`, { token });
    expect(await count()).toBe(0);
  });

  test('marks those that a rule keeps', async () => {
    await using hub = await HubFixture.create('alice');
    for (const tag of ['1.0', 'latest']) await hub.pushImage('alice', 'alice/app', tag);
    await keep(hub, '\\d.*');
    const { results } = await list(hub, 'ordering=name');
    expect(results.map(({ name, immutable }) => [name, immutable])).toEqual([
      ['1.0', true],
      ['latest', false],
    ]);
  });
});

async function keep(hub: HubFixture, rule: string): Promise<void> {
  const body = { immutable_tags: true, immutable_tags_rules: [rule] };
  const token = await hub.session('alice');
  expect((await hub.send('PATCH', `${repository}/immutabletags`, { token, body })).status).toBe(200);
}

describe('many tags', () => {
  test('go together, and what stays is told with its reason', async () => {
    await using hub = await HubFixture.create('alice');
    const tags = ['1.0', '2.0', 'a', 'b', 'c'];
    for (const tag of tags) await hub.pushImage('alice', 'alice/app', tag, 'same');
    await keep(hub, '\\d.*');
    const token = await hub.session('alice');
    const response = await deleteTags(hub, ['a', '1.0', 'b', 'a', 'nothing'], token);
    expect([response.status, (await response.json()) as DeletedTags]).toEqual([
      200,
      {
        deleted: ['a', 'b'],
        refused: [
          { name: '1.0', reason: 'immutable' },
          { name: 'nothing', reason: 'missing' },
        ],
      },
    ]);
    expect((await list(hub, 'ordering=name')).results.map(({ name }) => name)).toEqual(['1.0', '2.0', 'c']);
    // Each of them can be brought back.
    const deleted = await hub.send('GET', `${repository}/deleted-tags`, { token });
    expect(
      ((await deleted.json()) as Page<{ name: string }>).results.map(({ name }) => name).toSorted(),
    ).toEqual(['a', 'b']);
  });

  test('are deleted by who may delete one, and by nobody else', async () => {
    await using hub = await HubFixture.create('root1', 'alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'a');
    const statuses = async (): Promise<readonly number[]> => [
      (await deleteTags(hub, ['a'])).status,
      (await deleteTags(hub, ['a'], await hub.session('bob'))).status,
    ];
    expect(await statuses()).toEqual([401, 403]);
    const owner = await hub.session('alice');
    await hub.send('PATCH', '/v2/repositories/alice/app/', { token: owner, body: { is_private: true } });
    expect(await statuses()).toEqual([404, 404]);
    expect((await list(hub, '', owner)).count).toBe(1);
  });

  test('are at most a thousand, and at least one', async () => {
    await using hub = await HubFixture.create('alice');
    await hub.pushImage('alice', 'alice/app', 'a');
    const token = await hub.session('alice');
    const names = Array.from({ length: 1001 }, (_, index) => String(index));
    for (const wrong of [[], names, ['x'.repeat(129)], 'a', undefined, [7]]) {
      expect((await deleteTags(hub, wrong, token)).status).toBe(400);
    }
    expect((await list(hub, '', token)).count).toBe(1);
  });
});
