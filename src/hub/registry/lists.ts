/** The lists that come in pages: tags of a repository, and the catalog of repositories that the caller may see. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags */
import { type Exchange, requireRepository, type RegistryParts } from './exchange.ts';
import { RegistryFailure } from './failure.ts';
import { admitToCatalog } from './gate.ts';

/** What one answer holds at most; a client goes on with the Link. */
const maxCount = 10_000;

export async function listTags(parts: RegistryParts, exchange: Exchange): Promise<Response> {
  const { id } = requireRepository(exchange);
  const limit = readCount(exchange.url);
  const found = await parts.tags.names(id, readLast(exchange.url), limit + 1);
  return listing(exchange.url, limit, found, (tags) => ({ name: exchange.path.path, tags }));
}

/** https://distribution.github.io/distribution/spec/api/#listing-repositories */
export async function listCatalog(parts: RegistryParts, request: Request, url: URL): Promise<Response> {
  const actor = await admitToCatalog(parts, request, '*');
  const limit = readCount(url);
  const found = await parts.repositories.paths(actor, readLast(url), limit + 1);
  return listing(url, limit, found, (repositories) => ({ repositories }));
}

/** @param found one more than asked for, where there are more. */
export function listing(
  url: URL,
  limit: number,
  found: readonly string[],
  body: (names: readonly string[]) => object,
): Response {
  const names = found.slice(0, limit);
  const headers = new Headers({ 'Content-Type': 'application/json' });
  const last = names.at(-1);
  if (found.length > limit && last !== undefined) {
    const next = new URLSearchParams({ n: String(limit), last });
    headers.set('Link', `<${url.pathname}?${next}>; rel="next"`);
  }
  return new Response(JSON.stringify(body(names)), { headers });
}

export function readLast(url: URL): string {
  return url.searchParams.get('last') ?? '';
}

export function readCount(url: URL): number {
  const text = url.searchParams.get('n');
  if (text === null) return maxCount;
  if (!/^\d{1,15}$/.test(text)) {
    throw new RegistryFailure('PAGINATION_NUMBER_INVALID', 'invalid number of results requested', {
      n: text.slice(0, 40),
    });
  }
  return Math.min(Number(text), maxCount);
}
