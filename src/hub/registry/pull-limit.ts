/** The limit on pulls of those who have no account, as Docker Hub has it: counted by manifest, told in headers. */
import { isIndex } from '../../oci/image/media-type.ts';
import type { PullLimit } from '../limits/request-limits.ts';
import { rateHeaders } from '../limits/too-many-requests.ts';
import type { Exchange } from './exchange.ts';

/** Runs `fetch` for a manifest. @throws TooManyRequestsError before, when none is left. */
export async function metered(
  limit: PullLimit | undefined,
  { actor, request }: Exchange,
  address: string,
  fetch: () => Promise<Response>,
): Promise<Response> {
  if (!limit || actor.kind !== 'anonymous') return await fetch();
  const isPull = request.method === 'GET';
  if (isPull) limit.check(address);
  const response = await fetch();
  // An index only tells where the images are: the one that is pulled next counts.
  const type = response.headers.get('Content-Type') ?? '';
  if (isPull && response.status === 200 && !isIndex(type)) limit.count(address);
  const headers = rateHeaders(limit.rate, limit.remaining(address));
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  response.headers.set('Docker-RateLimit-Source', address);
  return response;
}
