/** What PostgreSQL and the way to it say, by meaning. https://www.postgresql.org/docs/current/errcodes-appendix.html */
import { DatabaseError } from 'pg';
import { CaisError, errnoOf, InvalidError, messageOf, UnavailableError } from '../../lib/errors.ts';

/** Connections that were refused or end: by an administrator, by a crash, while it starts. */
const lostCodes = /^(?:08...|57P0[1-5])$/;
/** Beside these: no room, too many connections, read-only, waited too long, two that waited for each other. */
const laterCodes = /^(?:53...|25006|55P03|57014|40001|40P01)$/;
/** A NUL in a text; a number that is too large. */
const invalidCodes: ReadonlySet<string> = new Set(['22021', '22003', '22P02']);

/** What OpenSSL says of a certificate, and the driver of a server without any. */
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL/;

/** The error to throw instead. Nothing of the address is in it. */
export function describePostgresError(error: unknown): unknown {
  if (error instanceof CaisError) return error;
  const code = errnoOf(error);
  const reason = code ?? messageOf(error);
  if (!(error instanceof DatabaseError) && untrusted.test(reason)) {
    return new UnavailableError(`the connection to the database is not secure: ${reason}`, { cause: error });
  }
  if (isConnectionLoss(error)) {
    return new UnavailableError('the database does not answer', { cause: error });
  }
  if (code !== undefined && laterCodes.test(code)) {
    return new UnavailableError(`the database cannot do it now: ${messageOf(error)}`, { cause: error });
  }
  if (code !== undefined && invalidCodes.has(code)) {
    return new InvalidError('the request has a text or a number that the database cannot keep', {
      cause: error,
    });
  }
  return error;
}

/** True when it may work over another connection: whatever was under way is undone, or done. */
export function isConnectionLoss(error: unknown): boolean {
  if (error instanceof DatabaseError) return lostCodes.test(error.code ?? '');
  // Of the socket, by its errno, or of the driver, which has no codes.
  return error instanceof Error && !(error instanceof CaisError);
}
