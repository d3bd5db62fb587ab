/** The list of tags. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags */
import { type Exchange, requireRepository, type RegistryParts } from './exchange.ts';
import { RegistryFailure } from './failure.ts';

/** What one answer holds at most; a client goes on with the Link. */
const maxCount = 10_000;

export async function listTags(parts: RegistryParts, exchange: Exchange): Promise<Response> {
  const { id } = requireRepository(exchange);
  const limit = readCount(exchange.url);
  // One more than asked for tells whether there are more.
  const found = await parts.tags.names(id, exchange.url.searchParams.get('last') ?? '', limit + 1);
  const tags = found.slice(0, limit);
  const headers = new Headers({ 'Content-Type': 'application/json' });
  const last = tags.at(-1);
  if (found.length > limit && last !== undefined) {
    const next = new URLSearchParams({ n: String(limit), last });
    headers.set('Link', `</v2/${exchange.path.path}/tags/list?${next}>; rel="next"`);
  }
  return new Response(JSON.stringify({ name: exchange.path.path, tags }), { headers });
}

function readCount(url: URL): number {
  const text = url.searchParams.get('n');
  if (text === null) return maxCount;
  if (!/^\d{1,15}$/.test(text)) {
    throw new RegistryFailure('PAGINATION_NUMBER_INVALID', 'invalid number of results requested', {
      n: text.slice(0, 40),
    });
  }
  return Math.min(Number(text), maxCount);
}
