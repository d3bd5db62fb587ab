/** `docker search`: asks the hub (or the registry that the term begins with) by the first version of the protocol. */
import { booleanFilter, type Filters } from '../../engine-api/filters.ts';
import { CorruptError, InvalidError, UnavailableError } from '../../lib/errors.ts';
import { basicAuthorization } from '../../oci/distribution/credentials.ts';
import { endpointOf } from '../../oci/distribution/endpoint.ts';
import { domainError, readRegistryError } from '../../oci/distribution/errors.ts';
import { readBounded } from '../../oci/distribution/response-body.ts';
import { send } from '../../oci/distribution/transport.ts';
import { defaultDomain } from '../../oci/image/reference.ts';
import { z } from 'zod';
import type { RegistryAccess } from './registry-access.ts';

export const searchFilters = ['is-official', 'is-automated', 'stars'] as const;

export interface SearchRequest extends RegistryAccess {
  readonly term: string;
  readonly limit: number;
  readonly filters: Filters;
}

const resultSchema = z.object({
  name: z.string(),
  description: z
    .string()
    .nullish()
    .transform((text) => text ?? ''),
  star_count: z.number().default(0),
  is_official: z.boolean().default(false),
  is_automated: z.boolean().default(false),
});
const answerSchema = z.object({ results: z.array(resultSchema).nullish() });
export type SearchResult = z.infer<typeof resultSchema>;

const maxLimit = 100;
const maxAnswer = 4 * 1024 * 1024;

export async function searchImages(request: SearchRequest): Promise<SearchResult[]> {
  const { term, limit, filters } = request;
  if (limit < 1 || limit > maxLimit)
    throw new InvalidError(`limit ${limit} is outside the range of [1, ${maxLimit}]`);
  if (term === '') throw new InvalidError('no search term given');
  const official = booleanFilter(filters, 'is-official');
  const automated = booleanFilter(filters, 'is-automated');
  const stars = Math.max(0, ...(filters.get('stars') ?? []).map(parseStars));
  const results = await ask(request);
  return results.filter(
    (result) =>
      (official === undefined || result.is_official === official) &&
      (automated === undefined || result.is_automated === automated) &&
      result.star_count >= stars,
  );
}

async function ask({ term, limit, hosts, credentials, signal }: SearchRequest): Promise<SearchResult[]> {
  const { domain, query } = splitTerm(term);
  const { origins, insecure } = endpointOf(domain, hosts);
  let failure: unknown = new UnavailableError(`cannot search ${domain}`);
  for (const origin of origins) {
    try {
      const url = new URL(`/v1/search?${new URLSearchParams({ q: query, n: String(limit) })}`, origin);
      const response = await send({
        method: 'GET',
        url,
        insecure,
        signal,
        ...(credentials.kind === 'password' && {
          headers: { Authorization: basicAuthorization(credentials.username, credentials.password) },
        }),
      });
      if (response.status !== 200) throw domainError(await readRegistryError(response, false));
      return await readAnswer(response);
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/** `host/term`, as a name: a first part with a dot or a colon is a registry. `library/` is implied on the hub. */
function splitTerm(term: string): { domain: string; query: string } {
  const slash = term.indexOf('/');
  const first = term.slice(0, slash);
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === 'localhost');
  const query = isHost ? term.slice(slash + 1) : term;
  return { domain: isHost ? first : defaultDomain, query: isHost ? query : query.replace(/^library\//, '') };
}

async function readAnswer(response: Response): Promise<SearchResult[]> {
  const bytes = await readBounded(response, maxAnswer);
  try {
    return answerSchema.parse(JSON.parse(new TextDecoder().decode(bytes))).results ?? [];
  } catch (cause) {
    throw new CorruptError("cannot read the registry's search results", { cause });
  }
}

function parseStars(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidError(`invalid filter 'stars=${text}'`);
  return Number(text);
}
