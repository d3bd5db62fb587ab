/** The database that the settings name. Its file's directory is there. */
import { ConflictError, type UnavailableError } from '../../lib/errors.ts';
import type { HubConfig } from '../config.ts';
import type { HubDatabase } from './database.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/** @param onAway told when its server is waited for. @throws ConflictError where moving a hub into it has not ended. */
export async function openDatabase(
  { databasePath, postgres }: Pick<HubConfig, 'databasePath' | 'postgres'>,
  onAway?: (error: UnavailableError) => void,
): Promise<HubDatabase> {
  if (!postgres) return await SqliteDatabase.open(databasePath);
  // A hub on one machine loads no driver.
  const { PostgresDatabase } = await import('./postgres-database.ts');
  const database = await PostgresDatabase.open(postgres, { onAway });
  if (await database.isBeingFilled()) {
    await database[Symbol.asyncDispose]();
    throw new ConflictError(
      "cannot use the hub's database: moving a hub into it has not ended, go on with cais hub migrate",
    );
  }
  return database;
}
