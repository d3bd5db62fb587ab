/** What proves to an authority that we answer for a name: RFC 8555, 8.3. Any copy of the hub can be the one that is asked. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { HubTls } from './open-certificates.ts';

/** The rest of the path is the token. */
export const challengePath = '/.well-known/acme-challenge/';

const tokenForm = /^[\w-]{16,256}$/;

/** @throws InvalidError or NotFoundError for a token that is nobody's. */
export async function handleChallenge(tls: HubTls | undefined, pathname: string): Promise<Response> {
  const token = pathname.slice(challengePath.length);
  if (!tokenForm.test(token)) throw new InvalidError('this is no token of a challenge');
  const answer = await tls?.answerTo(token);
  if (answer === undefined) throw new NotFoundError('nobody has asked for this challenge');
  return new Response(answer, {
    headers: { 'Content-Type': 'application/octet-stream', 'Cache-Control': 'no-store' },
  });
}
