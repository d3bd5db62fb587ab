/** From what was thrown to the Engine API's wire form, `{"message": "…"}` with a status: the only place that knows both. */
import { CaisError, messageOf } from '../../lib/errors.ts';
import { empty, json } from './route.ts';

/** By the `name` that every error of lib/errors.ts carries. */
const statuses: Readonly<Record<string, number>> = {
  InvalidError: 400,
  UnauthorizedError: 401,
  DeniedError: 403,
  NotFoundError: 404,
  ConflictError: 409,
  CorruptError: 500,
  UnavailableError: 500,
  UnsupportedError: 501,
  NotReadyError: 503,
  UnchangedError: 304,
};

/** 304 has no body; whatever is not ours is a 500. */
export function errorResponse(error: unknown): Response {
  const status = error instanceof CaisError ? (statuses[error.name] ?? 500) : 500;
  if (status === 304) return empty(status);
  return json({ message: messageOf(error) }, status);
}

/** True for what the user cannot have caused: it belongs into the log. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof CaisError);
}
