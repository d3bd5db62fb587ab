/** The one map from error to the registry's wire form: status, envelope, headers. */
import {
  ConflictError,
  CorruptError,
  DeniedError,
  InvalidError,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedError,
} from '../../lib/errors.ts';
import { retryAfter } from '../limits/retry-after.ts';
import { TooManyRequestsError, tooManyHeaders } from '../limits/too-many-requests.ts';
import {
  ChallengeFailure,
  type FailureCode,
  OutOfOrderFailure,
  RegistryFailure,
  UnsatisfiableRangeFailure,
} from './failure.ts';
import { rangeHeader } from './upload-range.ts';

const statuses: Record<FailureCode, number> = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  PAGINATION_NUMBER_INVALID: 400,
  RANGE_INVALID: 416,
  TAG_INVALID: 400,
  MANIFEST_TOO_LARGE: 413,
  UPLOAD_BUSY: 409,
  UNAVAILABLE: 503,
  UNKNOWN: 500,
};

/** The answer for whatever was thrown. What is not one of our errors is a fault of the hub: the caller logs it. */
export function registryErrorResponse(error: unknown): Response {
  const { code, message, detail } = describe(error);
  const body = {
    errors: [{ code: wireCode(code), message, ...(detail !== undefined && { detail }) }],
    // docker shows `details` of the token service.
    ...(code === 'UNAUTHORIZED' && { details: message }),
  };
  return new Response(`${JSON.stringify(body)}\n`, { status: statuses[code], headers: headersOf(error) });
}

/** What OAuth2 says instead, at the token service. https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
export function oauthErrorResponse(error: 'invalid_request' | 'unsupported_grant_type'): Response {
  return Response.json({ error }, { status: 400 });
}

/** True for a fault of the hub, not of the request. */
export function isFault(error: unknown): boolean {
  return statuses[describe(error).code] >= 500;
}

/** Ours exist for their status; clients know the spec's. */
function wireCode(code: FailureCode): string {
  if (code === 'MANIFEST_TOO_LARGE') return 'MANIFEST_INVALID';
  return code === 'UPLOAD_BUSY' ? 'BLOB_UPLOAD_INVALID' : code;
}

function describe(error: unknown): { code: FailureCode; message: string; detail?: unknown } {
  if (error instanceof RegistryFailure) return error;
  if (error instanceof TooManyRequestsError) return { code: 'TOOMANYREQUESTS', message: error.message };
  if (error instanceof UnauthorizedError) return { code: 'UNAUTHORIZED', message: error.message };
  if (error instanceof DeniedError) return { code: 'DENIED', message: error.message };
  if (error instanceof NotFoundError) return { code: 'NAME_UNKNOWN', message: error.message };
  if (error instanceof InvalidError) return { code: 'NAME_INVALID', message: error.message };
  if (error instanceof CorruptError) return { code: 'DIGEST_INVALID', message: error.message };
  if (error instanceof ConflictError) return { code: 'UPLOAD_BUSY', message: error.message };
  if (error instanceof UnsupportedError) return { code: 'UNSUPPORTED', message: error.message };
  if (error instanceof UnavailableError) return { code: 'UNAVAILABLE', message: error.message };
  return { code: 'UNKNOWN', message: 'unknown error' };
}

function headersOf(error: unknown): Headers {
  const headers = new Headers({ 'Content-Type': 'application/json' });
  if (error instanceof ChallengeFailure) headers.set('WWW-Authenticate', challengeOf(error));
  if (error instanceof TooManyRequestsError) {
    for (const [name, value] of Object.entries(tooManyHeaders(error))) headers.set(name, value);
  }
  if (error instanceof UnavailableError) headers.set('Retry-After', retryAfter);
  if (error instanceof UnsatisfiableRangeFailure) headers.set('Content-Range', `bytes */${error.size}`);
  if (error instanceof OutOfOrderFailure) {
    headers.set('Location', error.location);
    headers.set('Range', rangeHeader(error.size));
  }
  return headers;
}

function challengeOf({ realm, service, scope, reason }: ChallengeFailure): string {
  return (
    `Bearer realm="${realm}",service="${service}"` +
    (scope && `,scope="${scope}"`) +
    (reason ? `,error="${reason}"` : '')
  );
}
