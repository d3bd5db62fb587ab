/** The database that the settings name. Its file's directory is there. */
import type { HubConfig } from '../config.ts';
import type { HubDatabase } from './database.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { SqliteDatabase } from './sqlite-database.ts';

export function openDatabase({
  databasePath,
  postgres,
}: Pick<HubConfig, 'databasePath' | 'postgres'>): Promise<HubDatabase> {
  return postgres ? PostgresDatabase.open(postgres) : SqliteDatabase.open(databasePath);
}
