/** Brings a database to the schema of this program, all or nothing. */
import { sql, type Kysely } from 'kysely';
import { NotFoundError, UnsupportedError } from '../../lib/errors.ts';
import { indexMissing } from '../search/search-index.ts';
import { init } from './migrations/001-init.ts';
import { identity } from './migrations/002-identity.ts';
import { collection } from './migrations/003-collection.ts';
import { repositories } from './migrations/004-repositories.ts';
import { administration } from './migrations/005-administration.ts';
import { activity } from './migrations/006-activity.ts';
import { uploads } from './migrations/007-uploads.ts';
import { copies } from './migrations/008-copies.ts';
import { cache } from './migrations/009-cache.ts';
import { webhooks } from './migrations/010-webhooks.ts';
import { audit } from './migrations/011-audit.ts';
import { rules } from './migrations/012-rules.ts';
import { keeping } from './migrations/013-keeping.ts';
import { oidc } from './migrations/014-oidc.ts';
import { acme } from './migrations/016-acme.ts';
import { providerSessions } from './migrations/019-provider-sessions.ts';
import { repositoryQuotas } from './migrations/020-repository-quotas.ts';
import type { Schema } from './schema.ts';
import type { Words } from './words.ts';

/** By number, oldest first; append only. A number may be left out. */
const migrations: ReadonlyMap<number, (words: Words) => readonly string[]> = new Map([
  [1, (words: Words) => [...init(words), ...words.searchTables.first]],
  [2, identity],
  [3, collection],
  [4, (words: Words) => [...repositories(words), ...words.searchTables.ranked]],
  [5, administration],
  [6, activity],
  [7, uploads],
  [8, copies],
  [9, cache],
  [10, webhooks],
  [11, audit],
  [12, rules],
  [13, keeping],
  [14, oidc],
  [16, acme],
  [19, providerSessions],
  [20, repositoryQuotas],
]);
const newest = Math.max(...migrations.keys());

/**
 * Applies what is missing, in one transaction. Idempotent; of two that start at once the second waits and finds nothing to do.
 * @param mustExist nothing is made where no hub has been.
 * @throws UnsupportedError when a newer program has used the database; NotFoundError when none has, and one must have.
 */
export async function migrate(
  database: Kysely<Schema>,
  words: Words,
  mustExist: boolean = false,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const statement of words.lockForMigration) await sql.raw(statement).execute(transaction);
    await sql`CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)`.execute(transaction);
    const found = await sql<{ version: number }>`SELECT version FROM schema_version`.execute(transaction);
    const version = found.rows[0]?.version ?? 0;
    if (version === 0 && mustExist) {
      throw new NotFoundError(
        "there is no hub in this database: give the hub's --database, or start it once (cais hub serve)",
      );
    }
    if (version > newest) {
      throw new UnsupportedError(
        `cannot use the hub's database: it is of a newer version of cais (${version})`,
      );
    }
    if (version === newest) return;
    for (const [number, migration] of migrations) {
      if (number <= version) continue;
      for (const statement of migration(words))
        await sql.raw(words.definition(statement)).execute(transaction);
    }
    await indexMissing(transaction);
    await sql`DELETE FROM schema_version`.execute(transaction);
    await sql`INSERT INTO schema_version VALUES (${newest})`.execute(transaction);
  });
}
