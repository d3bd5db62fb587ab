/** What came of asking an upstream registry, in the words of those who asked the hub. */
import {
  CorruptError,
  DeniedError,
  messageOf,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
} from '../../lib/errors.ts';
import { RegistryError } from '../../oci/distribution/errors.ts';
import { TooManyRequestsError } from '../limits/too-many-requests.ts';

/** Nothing is heard of it. */
export class UpstreamAwayError extends UnavailableError {}

/**
 * @param hasCredentials a refusal is then of these, not of the image.
 * @param retryAfter in milliseconds, of a 429.
 */
export function upstreamError(
  name: string,
  error: unknown,
  hasCredentials: boolean,
  retryAfter: number,
): unknown {
  const cause = { cause: error };
  if (error instanceof RegistryError) {
    if (error.status === 429)
      return new TooManyRequestsError(`cannot pull: too many pulls from ${name} by this hub`, retryAfter);
    if ([401, 403, 404].includes(error.status)) return new NotFoundError(error.message, cause);
    return new UnavailableError(`${name} answers: ${error.message}`, cause);
  }
  // Of its token server: of what is not there, or not public, some do not even give a token.
  if (error instanceof UnauthorizedError && hasCredentials)
    return new UnavailableError(`${name} does not take the credentials of this hub: ${error.message}`, cause);
  if (error instanceof UnauthorizedError || error instanceof DeniedError)
    return new NotFoundError(error.message, cause);
  if (error instanceof CorruptError)
    return new UnavailableError(`${name} sent what cannot be right: ${messageOf(error)}`, cause);
  return error;
}
