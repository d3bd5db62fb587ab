/** Search, in Docker Hub's form for pages and tools and in the v1 form that `docker search` and `podman search` read. */
import type { IndexSearchResponse } from '../../hub-api/types.ts';
import { signIn } from '../accounts/sign-in.ts';
import { basicCredentials } from '../auth/basic.ts';
import type { Account } from '../accounts/account-store.ts';
import { UnauthorizedError } from '../../lib/errors.ts';
import { searchRepositories } from '../search/search-index.ts';
import { actorOf, type Call } from './call.ts';
import { pageOf, readPage } from './page.ts';
import type { ApiParts } from './parts.ts';
import { presentIndexSearchResult, presentSearchResult } from './present.ts';

const defaultLimit = 25;
const maxLimit = 100;

export async function searchForPages(parts: ApiParts, call: Call): Promise<Response> {
  const page = readPage(call.url);
  const { count, hits } = await searchRepositories(parts.database.queries, {
    ...page,
    text: call.url.searchParams.get('query') ?? '',
    actor: call.actor,
  });
  const results = hits.map(presentSearchResult);
  return Response.json(pageOf(parts.originOf(call.request), call.url, page, count, results));
}

/** docker asks for a number of results and never for a second page. */
export async function searchForDocker(parts: ApiParts, call: Call): Promise<Response> {
  const account = await dockerAccount(parts, call);
  const { searchParams } = call.url;
  const asked = Number(searchParams.get('n') ?? defaultLimit);
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, maxLimit) : defaultLimit;
  const query = searchParams.get('q') ?? '';
  const { count, hits } = await searchRepositories(parts.database.queries, {
    text: query,
    actor: actorOf(account),
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
}

/** docker's answer to "are you a registry with search?". */
export async function ping(): Promise<Response> {
  return Response.json({ standalone: true }, { headers: { 'X-Docker-Registry-Standalone': 'true' } });
}

/** After `docker login` the daemon sends the password, or a registry token where it has one. */
async function dockerAccount(parts: ApiParts, call: Call): Promise<Account | undefined> {
  const credentials = basicCredentials(call.request);
  if (credentials) return signIn(parts, credentials, call.address);
  const bearer = /^bearer +(\S+)$/i.exec(call.request.headers.get('Authorization') ?? '')?.[1];
  if (call.account || bearer === undefined) return call.account;
  const { accountId } = await parts.tokens.verify(bearer);
  if (accountId === undefined) return undefined;
  const account = await parts.accounts.find(accountId);
  if (!account) throw new UnauthorizedError('the account is gone');
  return account;
}
