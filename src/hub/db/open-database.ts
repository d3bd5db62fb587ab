/** The database that the settings name. Its file's directory is there. */
import { ConflictError, type UnavailableError } from '../../lib/errors.ts';
import type { HubConfig } from '../config.ts';
import type { HubDatabase } from './database.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import type { Statements } from './statements.ts';

interface Options {
  /** Told when its server is waited for. */
  readonly onAway?: (error: UnavailableError) => void;
  readonly statements?: Statements;
}

/** @throws ConflictError where moving a hub into it has not ended. */
export async function openDatabase(
  { databasePath, postgres }: Pick<HubConfig, 'databasePath' | 'postgres'>,
  options: Options = {},
): Promise<HubDatabase> {
  if (!postgres) return await SqliteDatabase.open(databasePath, options.statements);
  // A hub on one machine loads no driver.
  const { PostgresDatabase } = await import('./postgres-database.ts');
  const database = await PostgresDatabase.open(postgres, options);
  if (await database.isBeingFilled()) {
    await database[Symbol.asyncDispose]();
    throw new ConflictError(
      "cannot use the hub's database: moving a hub into it has not ended, go on with cais hub migrate",
    );
  }
  return database;
}
