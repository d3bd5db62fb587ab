/** The cache of upstream registries: how it goes, what is in it, and what is taken out of it. For administrators. */
import {
  cachedRepositoryPageSchema,
  cachedRepositoryQuery,
  cachedTagPageSchema,
  cachedTagQuery,
  cacheSchema,
  pruneCacheSchema,
  prunedCacheSchema,
  removeCachedQuery,
} from '../../hub-api/schemas/cache.ts';
import { parseReference } from '../../oci/image/reference.ts';
import { pruneCache, removeFromCache } from '../upstream/administer-cache.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { pageOf, pageRequest } from './page.ts';
import { optionalTime, timeOf } from './present.ts';
import { route, type Route } from './route.ts';

const common = { tag: 'Administration', auth: 'administrator' } as const;

const getCache = route({
  ...common,
  method: 'GET',
  path: '/v2/system/cache',
  id: 'getCache',
  summary: 'The registries that images are taken from, and how much of them is kept.',
  answers: { 200: cacheSchema },
  async handle({ cache }) {
    const { maxSize } = cache.config;
    const { since, hits, misses, fetched } = cache.traffic;
    return Response.json({
      upstreams: [...cache.upstreams.all.values()].map(presentUpstream),
      used_bytes: await cache.keeper.size(),
      max_bytes: maxSize === Infinity ? null : maxSize,
      since: timeOf(since),
      hits,
      misses,
      fetched_bytes: fetched,
    });
  },
});

const listCachedRepositories = route({
  ...common,
  method: 'GET',
  path: '/v2/system/cache/repositories',
  id: 'listCachedRepositories',
  summary: 'What is kept of them, by name.',
  query: cachedRepositoryQuery,
  answers: { 200: cachedRepositoryPageSchema },
  async handle({ cache, originOf }, call) {
    const page = pageRequest(call.query);
    const text = call.query.query.trim();
    await cache.used.flush();
    const count = await cache.list.count(text);
    const found = await cache.list.find(text, page.limit, page.offset);
    const results = found.map(({ registry, path, tags, bytes, used_at, checked_at }) => ({
      name: `${registry}/${path}`,
      tags,
      bytes,
      last_pulled: optionalTime(used_at),
      last_checked: optionalTime(checked_at),
    }));
    return Response.json(pageOf(originOf(call.request), call.url, page, count, results));
  },
});

const listCachedTags = route({
  ...common,
  method: 'GET',
  path: '/v2/system/cache/tags',
  id: 'listCachedTags',
  summary: 'The tags of a repository that were pulled or asked about, by name.',
  query: cachedTagQuery,
  answers: { 200: cachedTagPageSchema },
  async handle({ cache, originOf }, call) {
    const page = pageRequest(call.query);
    const { domain: registry, path } = parseReference(call.query.name);
    const name = { registry, path };
    const count = await cache.list.countTags(name);
    const found = await cache.list.tags(name, page.limit, page.offset);
    const results = found.map(({ used_at, checked_at, ...tag }) => ({
      ...tag,
      last_pulled: optionalTime(used_at),
      last_checked: timeOf(checked_at),
    }));
    return Response.json(pageOf(originOf(call.request), call.url, page, count, results));
  },
});

const removeCached = route({
  ...common,
  method: 'DELETE',
  path: '/v2/system/cache/repositories',
  id: 'removeCached',
  summary: 'Forget a repository of the cache, or one tag: upstream is asked for it the next time.',
  query: removeCachedQuery,
  answers: { 204: 'It is gone.' },
  async handle({ cache, changes }, call) {
    await removeFromCache({ keeper: cache.keeper, changes }, call.query.name);
    return new Response(null, { status: 204 });
  },
});

const prune = route({
  ...common,
  method: 'POST',
  path: '/v2/system/cache/prune',
  id: 'pruneCache',
  summary: 'Remove what was not pulled for a time.',
  body: pruneCacheSchema,
  answers: { 200: prunedCacheSchema },
  async handle({ cache, changes }, call) {
    const pruning = await call.body();
    await cache.used.flush();
    return Response.json(await pruneCache({ keeper: cache.keeper, changes }, pruning));
  },
});

function presentUpstream({ name, url, hasCredentials, state, transfers }: Upstream) {
  const { isAway, quietUntil, answeredAt, failure, remaining } = state;
  const quiet = isAway ? 'away' : 'limited';
  const heard = answeredAt === undefined ? 'unknown' : 'reachable';
  return {
    name,
    address: url.origin,
    has_credentials: hasCredentials,
    state: quietUntil === undefined ? heard : quiet,
    until: optionalTime(quietUntil ?? null),
    remaining: remaining ?? null,
    answered_at: optionalTime(answeredAt ?? null),
    last_error: failure ? { at: timeOf(failure.at), reason: failure.reason } : null,
    ...transfers.counts,
  };
}

export const cacheRoutes: readonly Route[] = [
  getCache,
  listCachedRepositories,
  listCachedTags,
  removeCached,
  prune,
];
