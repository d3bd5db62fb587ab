import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page, Repository } from '../../hub-api/types.ts';
import { HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const address = '/v2/repositories/alice/app/categories/';

describe('categories', () => {
  test('are said by the owner, from a fixed list, and told wherever the repository is', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const token = await hub.session('alice');
    const list = (await (await hub.send('GET', '/v2/categories')).json()) as { slug: string; name: string }[];
    const given = list.slice(0, 2);
    const set = await hub.send('PATCH', address, { token, body: given.map(({ slug }) => ({ slug })) });
    expect(((await set.json()) as Repository).categories).toEqual(given);
    const page = await hub.send('GET', '/v2/namespaces/alice/repositories');
    expect(((await page.json()) as Page<Repository>).results[0]?.categories).toEqual(given);
    const none = await hub.send('PATCH', address, { token, body: [] });
    expect(((await none.json()) as Repository).categories).toEqual([]);
  });

  test('are at most three of those that there are, and not for others to say', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    await hub.pushImage('alice', 'alice/app', 'latest');
    const status = async (by: string, slugs: readonly string[]): Promise<number> => {
      const body = slugs.map((slug) => ({ slug }));
      return (await hub.send('PATCH', address, { token: await hub.session(by), body })).status;
    };
    expect(await status('alice', ['no-such'])).toBe(400);
    expect(await status('alice', ['security', 'gaming', 'networking', 'web-servers'])).toBe(400);
    expect(await status('alice', ['security', 'security'])).toBe(200);
    expect(await status('bob', ['security'])).toBe(403);
  });
});
