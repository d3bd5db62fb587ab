/** `cais hub migrate --to postgres://…`: moves a hub's database from its SQLite file to PostgreSQL. */
import type { ServerCommand } from '../cli/context.ts';
import { takeOverKeyFiles } from '../hub/auth/key-files.ts';
import { FrozenSource } from '../hub/db/move/frozen-source.ts';
import { moveDatabase } from '../hub/db/move/move-database.ts';
import { PostgresDatabase } from '../hub/db/postgres-database.ts';
import { SqliteDatabase } from '../hub/db/sqlite-database.ts';
import { InvalidError } from '../lib/errors.ts';
import { hubConfig } from './hub-parts.ts';
import { text } from './server-flags.ts';

export const hubMigrate: ServerCommand = async (flags, _input, output) => {
  const to = text(flags, 'to');
  const { databasePath, keysDirectory, postgres } = hubConfig({
    ...flags,
    ...(to !== undefined && { database: to }),
  });
  if (!(await Bun.file(databasePath).exists())) {
    throw new InvalidError(`there is no hub to move: ${databasePath} does not exist`);
  }
  if (flags['cancel'] === true) {
    FrozenSource.thaw(databasePath);
    await output.write('The hub takes pushes again\n');
    return 0;
  }
  if (!postgres) throw new InvalidError('where to? Give --to postgres://… or CAIS_HUB_DATABASE');
  await bringUpToDate(databasePath, keysDirectory);
  await using target = await PostgresDatabase.open(postgres);
  await output.write('From here on the hub refuses whatever would change it\n');
  await moveDatabase(databasePath, target, ({ table, rows, of, isVerified }) => {
    if (isVerified || rows % 10_000 === 0) {
      void output.write(
        isVerified
          ? `${table}: ${rows} ${rows === 1 ? 'row' : 'rows'}, the same in both\n`
          : `${table}: ${rows} of ${of}\n`,
      );
    }
  });
  await output.write('Done: start the hub with the same --database from now on\n');
  return 0;
};

/** An older hub's tables, and its keys, which were files. A move that is gone on with has done it. */
async function bringUpToDate(databasePath: string, keysDirectory: string): Promise<void> {
  await using source = await SqliteDatabase.open(databasePath);
  await takeOverKeyFiles(source, keysDirectory);
}
