/** What first pages ask beside lists that there are anyway. */
import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

describe('the latest pushes', () => {
  test('are of public repositories only, the newest first, also for their owner', async () => {
    await using hub = await HubFixture.create('alice');
    const token = await hub.session('alice');
    await hub.pushImage('alice', 'alice/first', '1.0');
    await hub.pushImage('alice', 'alice/second', '1.0');
    await hub.pushImage('alice', 'alice/secret', '1.0');
    await hub.send('PATCH', '/v2/repositories/alice/secret', { token, body: { is_private: true } });
    await hub.send('POST', '/v2/repositories', { token, body: { namespace: 'alice', name: 'empty' } });
    await hub.pushImage('alice', 'alice/first', '2.0');
    const names = async (query: string, who?: string): Promise<string[]> => {
      const answer = await hub.send('GET', `/v2/search/recent${query}`, { token: who });
      const { results } = await bodyOf<{ results: { repo_name: string }[] }>(answer);
      return results.map((result) => result.repo_name);
    };
    expect(await names('')).toEqual(['alice/first', 'alice/second']);
    expect(await names('', token)).toEqual(['alice/first', 'alice/second']);
    expect(await names('?page_size=1')).toEqual(['alice/first']);
    expect((await hub.send('GET', '/v2/search/recent?page_size=x')).status).toBe(400);
  });
});

describe('one’s own storage', () => {
  test('counts a layer once that several repositories have, and nothing of others', async () => {
    await using hub = await HubFixture.create('alice', 'bob');
    const { bytes, layer, config } = await hub.pushImage('alice', 'alice/app', '1.0', 'same');
    await hub.pushImage('alice', 'alice/copy', '1.0', 'same');
    await hub.pushImage('bob', 'bob/app', '1.0', 'much longer content of somebody else');
    const { config: described } = JSON.parse(bytes) as { config: { size: number } };
    const token = await hub.session('alice');
    expect([layer, config]).not.toContain(undefined);
    expect(await bodyOf(await hub.send('GET', '/v2/user/storage', { token }))).toEqual({
      namespace: 'alice',
      repositories: 2,
      bytes: described.size + 'layer of same'.length,
    });
    expect((await hub.send('GET', '/v2/user/storage')).status).toBe(401);
  });
});
