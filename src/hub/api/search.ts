/** Search, in Docker Hub's form for pages and tools and in the v1 form that `docker search` and `podman search` read. */
import type { z } from 'zod';
import {
  indexSearchQuery,
  indexSearchSchema,
  pingSchema,
  searchPageSchema,
  searchQuery,
} from '../../hub-api/schemas/search.ts';
import type { IndexSearchResponse } from '../../hub-api/types.ts';
import { UnauthorizedError } from '../../lib/errors.ts';
import { signIn } from '../accounts/sign-in.ts';
import { actorOf, identityOf } from '../auth/actors.ts';
import { basicCredentials } from '../auth/basic.ts';
import { type Actor, anonymous } from '../auth/policy.ts';
import type { SearchFilter } from '../search/search-filter.ts';
import { searchRepositories } from '../search/search-repositories.ts';
import type { Caller } from './call.ts';
import { pageOf, pageRequest } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentIndexSearchResult, presentSearchResult } from './present.ts';
import { route, type Route } from './route.ts';

const searchForPages = route({
  method: 'GET',
  path: '/v2/search/repositories',
  id: 'searchRepositories',
  tag: 'Search',
  summary: 'Find repositories that hold every word. No words: all that the caller may see, best first.',
  auth: 'optional',
  query: searchQuery,
  answers: { 200: searchPageSchema },
  async handle(parts, call) {
    const page = pageRequest(call.query);
    const { count, hits } = await searchRepositories(parts.database, {
      ...page,
      text: call.query.query,
      actor: call.actor,
      filter: filterOf(call.query),
    });
    const results = hits.map(presentSearchResult);
    return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
  },
});

/** docker asks for a number of results and never for a second page. */
const searchForDocker = route({
  method: 'GET',
  path: '/v1/search',
  id: 'searchForDocker',
  tag: 'Search',
  summary:
    'What `docker search` and `podman search` ask. Takes Basic credentials and registry tokens as well.',
  auth: 'optional',
  query: indexSearchQuery,
  answers: { 200: indexSearchSchema },
  async handle(parts, call) {
    const actor = await dockerActor(parts, call);
    const { q: query, n: limit } = call.query;
    const { count, hits } = await searchRepositories(parts.database, {
      text: query,
      actor,
      limit,
      offset: 0,
    });
    const body: IndexSearchResponse = {
      query,
      num_results: count,
      page: 1,
      page_size: limit,
      num_pages: Math.ceil(count / limit),
      results: hits.map(presentIndexSearchResult),
    };
    return Response.json(body);
  },
});

const ping = route({
  method: 'GET',
  path: '/v1/_ping',
  id: 'pingIndex',
  tag: 'Search',
  summary: 'docker’s question whether this is a registry with search.',
  auth: 'none',
  answers: { 200: pingSchema },
  async handle() {
    return Response.json({ standalone: true }, { headers: { 'X-Docker-Registry-Standalone': 'true' } });
  },
});

export const searchRoutes: readonly Route[] = [searchForPages, searchForDocker, ping];

const day = 24 * 3600_000;
const times = { day, week: 7 * day, month: 30 * day, year: 365 * day } as const;

function filterOf(query: z.output<typeof searchQuery>): SearchFilter {
  return {
    order: query.sort,
    isOfficial: query.official,
    isMine: query.mine,
    leastStars: query.stars,
    pushedSince: query.updated === '' ? undefined : Date.now() - times[query.updated],
    architecture: query.architecture.trim().toLowerCase(),
  };
}

/** After `docker login` the daemon sends the password, or a registry token where it has one. */
async function dockerActor(parts: ApiParts, call: Caller): Promise<Actor> {
  const credentials = basicCredentials(call.request);
  if (credentials) return actorOf(await signIn(parts, credentials, call.address));
  const bearer = /^bearer +(\S+)$/i.exec(call.request.headers.get('Authorization') ?? '')?.[1];
  if (call.account || bearer === undefined) return call.actor;
  const { accountId, accessTokenId, catalog } = await parts.tokens.verify(bearer);
  if (!catalog.has('search')) throw new UnauthorizedError('the token is not for registry:catalog:search');
  if (accountId === undefined) return anonymous;
  const identity = await identityOf(parts, { accountId, accessTokenId });
  if (!identity) throw new UnauthorizedError('the account or its access token is gone');
  return actorOf(identity);
}
