/** Keys of hubs that had them in files, one each: they go into the database, and the files go when they are there. */
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../lib/errors.ts';
import type { HubDatabase } from '../db/database.ts';

/** Idempotent. @throws UnavailableError where the database cannot be written. */
export async function takeOverKeyFiles(database: HubDatabase, directory: string): Promise<void> {
  const names = await keyFiles(directory);
  if (names.length === 0) return;
  const keys = await Promise.all(
    names.map(async (name) => ({
      created_at: timeOf(name),
      jwk: (await readFile(join(directory, name), 'utf8')).trim(),
    })),
  );
  await database.transaction(async (transaction) => {
    const present = await transaction.selectFrom('signing_keys').select('jwk').execute();
    const missing = keys.filter(({ jwk }) => !present.some((row) => row.jwk === jwk));
    if (missing.length > 0) await transaction.insertInto('signing_keys').values(missing).execute();
  });
  for (const name of names) await unlink(join(directory, name));
}

/** Oldest first: the names begin with the time. */
async function keyFiles(directory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    return names.filter((name) => /^token-.*\.jwk$/.test(name)).toSorted();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Of the name's time; the first keys had only a day. */
function timeOf(name: string): number {
  const [, day = '', time] = /^token-(\d{4}-\d{2}-\d{2})(?:T([\d.]+)Z)?-/.exec(name) ?? [];
  return Date.parse(time ? `${day}T${time.replace('.', ':').replace('.', ':')}Z` : day) || 0;
}
