/** rpm's database of today, `rpmdb.sqlite`: one row of `Packages` for each package, its header in it. */
import { Database } from 'bun:sqlite';
import type { Package } from '../package.ts';
import { parseRpmHeader } from './header.ts';

const mostPackages = 100_000;

/** The smallest page that SQLite has: what is shorter is no database, and nothing at all cannot be opened. */
const smallestFile = 512;

/** Hostile: nothing but this table is read, of a copy in memory. @throws Error where it is no such database */
export function parseRpmSqlite(bytes: Uint8Array): Package[] {
  if (bytes.byteLength < smallestFile) return [];
  using database = Database.deserialize(withoutWriteAheadLog(bytes), true);
  database.run('PRAGMA trusted_schema = OFF');
  const found: Package[] = [];
  const rows = database.query<{ blob: unknown }, []>(`SELECT blob FROM Packages LIMIT ${mostPackages}`);
  for (const { blob } of rows.iterate()) {
    const installed = blob instanceof Uint8Array ? parseRpmHeader(blob) : undefined;
    if (installed) found.push(installed);
  }
  return found;
}

/**
 * Bytes 18 and 19 say that there is a log beside the file: in memory there is none, and SQLite would refuse to open it.
 * https://www.sqlite.org/fileformat.html#file_format_version_numbers
 */
function withoutWriteAheadLog(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  if (copy[18] === 2) copy.fill(1, 18, 20);
  return copy;
}
