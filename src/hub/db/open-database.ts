/** The database that the settings name. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConflictError, NotFoundError, type UnavailableError } from '../../lib/errors.ts';
import type { HubConfig } from '../config.ts';
import type { HubDatabase } from './database.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { movedMessage } from './sqlite-errors.ts';
import type { Statements } from './statements.ts';

interface Options {
  /** Told when its server is waited for. */
  readonly onAway?: (error: UnavailableError) => void;
  /** Told when it takes no writes, since the hub has another one. */
  readonly onMoved?: (message: string) => void;
  readonly statements?: Statements;
  /** Nothing is made where no hub has been. */
  readonly mustExist?: boolean;
}

/**
 * Makes what is absent, unless it has to be there. @throws NotFoundError where it has to and is not; ConflictError where moving a hub
 * into it has not ended.
 */
export async function openDatabase(
  { databasePath, postgres }: Pick<HubConfig, 'databasePath' | 'postgres'>,
  options: Options = {},
): Promise<HubDatabase> {
  if (!postgres) {
    if (options.mustExist) await requireFile(databasePath);
    await mkdir(dirname(databasePath), { recursive: true, mode: 0o700 });
    const file = await SqliteDatabase.open(databasePath, options.statements);
    if (file.isMoved) options.onMoved?.(movedMessage);
    return file;
  }
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

async function requireFile(path: string): Promise<void> {
  if (await Bun.file(path).exists()) return;
  throw new NotFoundError(
    `there is no hub: ${path} does not exist. Give the hub's --data, or start it once (cais hub serve)`,
  );
}
