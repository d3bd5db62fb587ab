/** The one map from error to the JSON API's answer. */
import type { ApiErrorBody } from '../../hub-api/types.ts';
import {
  CaisError,
  ConflictError,
  CorruptError,
  DeniedError,
  InvalidError,
  messageOf,
  NotFoundError,
  UnauthorizedError,
  UnavailableError,
  UnsupportedError,
} from '../../lib/errors.ts';
import { SecondFactorRequiredError } from '../accounts/second-factor-required.ts';
import { FieldsError } from '../accounts/sign-up.ts';
import { retryAfter } from '../limits/retry-after.ts';
import { TooManyRequestsError, tooManyHeaders } from '../limits/too-many-requests.ts';

/** The answer for whatever was thrown. */
export function apiErrorResponse(error: unknown): Response {
  const status = statusOf(error);
  const message = status >= 500 && !(error instanceof CaisError) ? 'internal error' : messageOf(error);
  const fields = error instanceof FieldsError ? error.fields : undefined;
  const body: ApiErrorBody = { message, detail: message, ...(fields && { fields }) };
  const headers = headersOf(error);
  // Docker Hub names the fields at the top as well.
  const next = error instanceof SecondFactorRequiredError && { login_2fa_token: error.loginToken };
  return Response.json({ ...fields, ...body, ...next }, { status, headers });
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof TooManyRequestsError) return tooManyHeaders(error);
  return error instanceof UnavailableError ? { 'Retry-After': retryAfter } : {};
}

/** True for a fault of the hub, not of the request. */
export function isApiFault(error: unknown): boolean {
  return statusOf(error) >= 500;
}

function statusOf(error: unknown): number {
  if (error instanceof TooManyRequestsError) return 429;
  if (error instanceof InvalidError) return 400;
  if (error instanceof UnauthorizedError) return 401;
  if (error instanceof DeniedError) return 403;
  if (error instanceof NotFoundError) return 404;
  if (error instanceof UnsupportedError) return 405;
  if (error instanceof ConflictError) return 409;
  if (error instanceof UnavailableError) return 503;
  if (error instanceof CorruptError) return 500;
  return 500;
}
