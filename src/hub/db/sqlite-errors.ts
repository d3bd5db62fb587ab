/** What SQLite says when it cannot write, by meaning. https://www.sqlite.org/rescode.html */
import { SQLiteError } from 'bun:sqlite';
import { UnavailableError } from '../../lib/errors.ts';

/** What a database that was moved elsewhere says to whoever would change it: in its file, so it stays as it is. */
export const movedMark = 'the hub is being moved to another database';
export const movedMessage = `${movedMark}, or has been: then start it with that --database`;

/** By the beginning of the code; the first that fits. */
const reasons: readonly (readonly [RegExp, string])[] = [
  // The second is what the index of its log says on a disk without room, which is written by other calls.
  [/^SQLITE_(?:FULL|IOERR_SHMSIZE)$/, 'cannot write to the database: no space left on device'],
  [/^SQLITE_READONLY/, 'cannot write to the database: it is read-only'],
  [/^SQLITE_(?:BUSY|LOCKED)/, 'the database is busy: another program writes to it'],
  [/^SQLITE_(?:IOERR|CANTOPEN)/, 'the disk of the database does not work'],
];

/** The error to throw instead. Clients may try again: the hub finds out by itself when it can write. */
export function describeSqliteError(error: unknown): unknown {
  if (!(error instanceof SQLiteError)) return error;
  if (error.message === movedMark) return new UnavailableError(movedMessage, { cause: error });
  const reason = reasons.find(([code]) => code.test(error.code ?? ''))?.[1];
  return reason === undefined ? error : new UnavailableError(reason, { cause: error });
}
