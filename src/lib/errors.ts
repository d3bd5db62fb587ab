/**
 * Errors by meaning. Stores and verbs throw these; each protocol maps them to its own wire form exactly once
 * (engine/api/errors.ts, hub/registry/errors.ts, hub/api/errors.ts, cli/exit-code.ts).
 * The message is for the user: what could not be done and what to do about it.
 */

/** The base of every expected failure. `name` tells the class, never the message text. */
export abstract class CaisError extends Error {
  abstract override readonly name: string;
}

/** The thing named does not exist, or the caller may not know that it does. */
export class NotFoundError extends CaisError {
  override readonly name = 'NotFoundError';
}

/** The request contradicts the present state: name taken, container running, image in use. */
export class ConflictError extends CaisError {
  override readonly name = 'ConflictError';
}

/** The input is malformed or out of bounds, whatever the state. */
export class InvalidError extends CaisError {
  override readonly name = 'InvalidError';
}

/** Nobody has proved who they are, or the proof is wrong. */
export class UnauthorizedError extends CaisError {
  override readonly name = 'UnauthorizedError';
}

/** The caller is known and not allowed. */
export class DeniedError extends CaisError {
  override readonly name = 'DeniedError';
}

/** Bytes are not what their digest or their format says. */
export class CorruptError extends CaisError {
  override readonly name = 'CorruptError';
}

/** A peer, a disk or a program that is needed does not answer; trying later may help. */
export class UnavailableError extends CaisError {
  override readonly name = 'UnavailableError';
}

/** The server is not in the mode that this needs, whatever is asked for: no swarm. */
export class NotReadyError extends CaisError {
  override readonly name = 'NotReadyError';
}

/** The thing asked for is already so: started, stopped. */
export class UnchangedError extends CaisError {
  override readonly name = 'UnchangedError';
}

/** Not supported, by design or yet. */
export class UnsupportedError extends CaisError {
  override readonly name = 'UnsupportedError';
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The errno name (`ENOENT`, …) of a failed system call, if that is what was thrown. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
