/** What a first page shows: who pushed last, and how much one's own repositories hold. */
import { ownStorageSchema, recentQuery, recentSchema } from '../../hub-api/schemas/home.ts';
import { recentRepositories } from '../search/recent-repositories.ts';
import { requireAccount } from './call.ts';
import { presentSearchResult } from './present.ts';
import { route, type Route } from './route.ts';

const listRecent = route({
  method: 'GET',
  path: '/v2/search/recent',
  id: 'listRecentRepositories',
  tag: 'Search',
  summary: 'The public repositories that were pushed to last.',
  auth: 'none',
  query: recentQuery,
  answers: { 200: recentSchema },
  async handle({ database }, call) {
    const hits = await recentRepositories(database, call.query.page_size);
    return Response.json({ results: hits.map(presentSearchResult) });
  },
});

const getOwnStorage = route({
  method: 'GET',
  path: '/v2/user/storage',
  id: 'getOwnStorage',
  tag: 'Accounts',
  summary: 'How much the repositories of one’s own namespace hold.',
  auth: 'required',
  answers: { 200: ownStorageSchema },
  async handle({ namespaceStorage }, call) {
    const { name: namespace } = requireAccount(call);
    return Response.json({ namespace, ...(await namespaceStorage.of(namespace)) });
  },
});

export const homeRoutes: readonly Route[] = [listRecent, getOwnStorage];
