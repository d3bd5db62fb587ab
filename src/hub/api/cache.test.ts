/** The cache of other registries as an administrator sees it, and what is taken out of it; the shell does the same. */
import { expect, setDefaultTimeout, test } from 'bun:test';
import { eventually } from '../../../tests/support/eventually.ts';
import { wireError } from '../../../tests/support/fake-registry.ts';
import { type HubWithUpstream, startHubWithUpstream } from '../../../tests/support/hub-with-upstream.ts';
import type { Cache, CachedRepository, CachedTag, Page, PrunedCache } from '../../hub-api/types.ts';
import { bodyOf, HubFixture } from '../testing/hub-fixture.ts';

// On a machine that does much else at the same time.
setDefaultTimeout(120_000);

const layer = crypto.getRandomValues(new Uint8Array(50_000));

interface Administrator {
  readonly send: (method: string, path: string, body?: object) => Promise<Response>;
  readonly get: <T>(path: string) => Promise<T>;
}

async function administratorOf({ hub }: { readonly hub: HubFixture }): Promise<Administrator> {
  const token = await hub.session('root1');
  const send = (method: string, path: string, body?: object): Promise<Response> =>
    hub.send(method, `/v2/system/cache${path}`, { token, ...(body && { body }) });
  return { send, get: async <T>(path: string) => bodyOf<T>(await send('GET', path)) };
}

async function startPulled(...names: readonly string[]): Promise<HubWithUpstream> {
  const setting = await startHubWithUpstream({ CAIS_HUB_UPSTREAM_SIZE: '1g' }, 'root1');
  for (const [index, name] of names.entries()) {
    setting.upstream.addImage(name, 'latest', [layer.with(0, index)]);
    await setting.pull(name, 'latest');
  }
  // A client has the end of a blob before the cache has.
  await eventually(async () => expect(await setting.held()).toHaveLength(3 * names.length));
  return setting;
}

test('the registries, how full it is and what it saved are told', async () => {
  await using setting = await startPulled('library/debian');
  const { get } = await administratorOf(setting);
  await setting.pull('library/debian', 'latest');
  const told = await get<Cache>('');
  expect(told.upstreams).toEqual([
    {
      name: 'docker.io',
      address: `http://${setting.upstream.host}`,
      has_credentials: false,
      state: 'reachable',
      until: null,
      remaining: null,
      answered_at: expect.any(String),
      last_error: null,
      running: 0,
      waiting: 0,
    },
    expect.objectContaining({ name: 'ghcr.io', state: 'unknown', answered_at: null }),
  ]);
  expect(told).toMatchObject({ max_bytes: 1024 ** 3, hits: 3, misses: 3 });
  expect(told.used_bytes).toBeGreaterThan(layer.byteLength);
  expect(told.fetched_bytes).toBe(told.used_bytes);
});

test('what a registry says of its limits, and that it does not answer, is told with the reason', async () => {
  await using setting = await startPulled();
  const { get } = await administratorOf(setting);
  setting.upstream.intercept = () =>
    wireError(429, 'TOOMANYREQUESTS', 'slow down', { 'Retry-After': '600', 'RateLimit-Remaining': '0;w=60' });
  expect((await setting.get('library/debian/manifests/latest')).status).toBe(429);
  const [limited] = (await get<Cache>('')).upstreams;
  expect(limited).toMatchObject({
    state: 'limited',
    remaining: 0,
    last_error: { reason: expect.stringContaining('slow down') },
  });
  expect(Date.parse(limited?.until ?? '') - Date.now()).toBeWithin(500_000, 601_000);
  await setting.upstream[Symbol.asyncDispose]();
  expect((await setting.get('ghcr.io/owner/name/manifests/latest')).status).toBe(404);
  expect((await get<Cache>('')).upstreams[1]).toMatchObject({
    state: 'away',
    last_error: { reason: expect.stringContaining('connection refused') },
  });
});

test('without other registries there is none, and nothing is kept', async () => {
  await using hub = await HubFixture.create('root1');
  const { get } = await administratorOf({ hub });
  expect(await get<Cache>('')).toMatchObject({ upstreams: [], used_bytes: 0, hits: 0 });
  expect(await get<Page<CachedRepository>>('/repositories')).toMatchObject({ count: 0, results: [] });
});

test('repositories and tags are listed in pages and found by a part of their name', async () => {
  await using setting = await startPulled('library/debian', 'library/de_ian', 'someone/app');
  const { get, send } = await administratorOf(setting);
  const names = async (query: string): Promise<readonly [number, ...string[]]> => {
    const { count, results } = await get<Page<CachedRepository>>(`/repositories?${query}`);
    return [count, ...results.map(({ name }) => name)];
  };
  expect(await names('page_size=2')).toEqual([3, 'docker.io/library/de_ian', 'docker.io/library/debian']);
  expect(await names('page_size=2&page=2')).toEqual([3, 'docker.io/someone/app']);
  expect(await names('query=io/SOMEONE')).toEqual([1, 'docker.io/someone/app']);
  expect(await names('query=e_i')).toEqual([1, 'docker.io/library/de_ian']);
  expect(await names('query=%25')).toEqual([0]);
  const { results } = await get<Page<CachedRepository>>('/repositories?query=debian');
  expect(results[0]).toMatchObject({ tags: 1 });
  expect(results[0]?.bytes).toBeGreaterThan(layer.byteLength);
  expect(Math.abs(Date.parse(results[0]?.last_pulled ?? '') - Date.now())).toBeLessThan(120_000);
  await setting.head('someone/app/manifests/latest');
  const tags = await get<Page<CachedTag>>('/tags?name=someone/app');
  expect(tags.results).toMatchObject([{ name: 'latest' }]);
  expect(tags.results[0]?.bytes).toBeGreaterThan(layer.byteLength);
  expect((await get<Page<CachedTag>>('/tags?name=absent')).count).toBe(0);
  expect((await send('GET', '/tags?name=NOT%20A%20NAME')).status).toBe(400);
});

test('a tag or a repository is removed, what nobody pulled is pruned, and the audit log has who did it', async () => {
  await using setting = await startPulled('library/debian', 'someone/app');
  const { get, send } = await administratorOf(setting);
  const remove = async (name: string): Promise<number> =>
    (await send('DELETE', `/repositories?name=${encodeURIComponent(name)}`)).status;
  expect(await remove('debian:latest')).toBe(204);
  expect(await remove('debian:latest')).toBe(404);
  expect(await remove('debian')).toBe(204);
  expect(await remove('debian')).toBe(404);
  expect(await remove(`debian@sha256:${'0'.repeat(64)}`)).toBe(400);
  expect(await remove('Not A Name')).toBe(400);
  expect((await get<Page<CachedRepository>>('/repositories')).count).toBe(1);
  const prune = async (body: object): Promise<PrunedCache> => bodyOf(await send('POST', '/prune', body));
  expect((await send('POST', '/prune', { until: 'soon' })).status).toBe(400);
  expect(await prune({ until: '1h' })).toEqual({ manifests: 0, blobs: 0, bytes: 0 });
  expect(await prune({ all: true })).toMatchObject({ manifests: 1, blobs: 2 });
  expect(await setting.held()).toEqual([]);
  const token = await setting.hub.session('root1');
  const { logs } = await bodyOf<{ logs: { action: string; actor: string; data: object }[] }>(
    await setting.hub.send('GET', '/v2/system/auditlogs?page_size=100', { token }),
  );
  const ofCache = logs.filter(({ action }) => action.startsWith('hub.cache.')).toReversed();
  expect(ofCache.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
    'hub.cache.remove root1',
    'hub.cache.remove root1',
    'hub.cache.prune root1',
    'hub.cache.prune root1',
  ]);
  expect(ofCache[0]?.data).toMatchObject({ image: 'docker.io/library/debian:latest' });
  // The next pull asks upstream again.
  const asked = setting.upstream.requests.length;
  await setting.pull('someone/app', 'latest');
  await eventually(() => expect(setting.upstream.requests.length).toBeGreaterThan(asked + 2));
});
