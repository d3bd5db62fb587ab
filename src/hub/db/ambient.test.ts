/** What stores do within one transaction is one transaction, on either database. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError } from '../../lib/errors.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import type { HubDatabase } from './database.ts';
import { openDatabase } from './open-database.ts';

setDefaultTimeout(120_000);

describe.each(['sqlite', 'postgres'] as const)('a transaction within another, in %s', (kind) => {
  let directory = '';
  let database: HubDatabase;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cais-ambient-'));
    const postgres = kind === 'postgres' ? { url: await newPostgresDatabase(), poolSize: 2 } : undefined;
    database = await openDatabase({ databasePath: join(directory, 'hub.sqlite'), postgres });
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const rowOf = (uuid: string) => ({ uuid, token_hash: uuid, email: '', created_at: 0, expires_at: 0 });

  function add(uuid: string): Promise<unknown> {
    return database.transaction((transaction) =>
      transaction.insertInto('invitations').values(rowOf(uuid)).execute(),
    );
  }

  async function present(): Promise<readonly string[]> {
    const rows = await database.queries.selectFrom('invitations').select('uuid').orderBy('uuid').execute();
    return rows.map(({ uuid }) => uuid);
  }

  test('ends with it, well or not', async () => {
    await database.transaction(async () => {
      await add('a');
      await database.exclusively(() => add('b'));
    });
    const failed = database.transaction(async () => {
      await add('c');
      throw new ConflictError('not after all');
    });
    await expect(failed).rejects.toBeInstanceOf(ConflictError);
    expect(await present()).toEqual(['a', 'b']);
  });

  test('is seen by what is asked within it, and by nobody else before its end', async () => {
    const seen = await database.transaction(async () => {
      await add('a');
      await database.queries.insertInto('invitations').values(rowOf('b')).execute();
      const outside = database.prepare<{ count: number }>('SELECT count(*) AS count FROM invitations');
      return [await present(), (await outside.get())?.count];
    });
    expect(seen).toEqual([['a', 'b'], 0]);
    expect(await present()).toEqual(['a', 'b']);
  });

  test('is one by itself when the other is over: work that nobody waited for', async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    let late: Promise<unknown> | undefined;
    await database.transaction(async () => {
      late = over.then(() => add('late'));
      await add('a');
    });
    end();
    await late;
    expect(await present()).toEqual(['a', 'late']);
  });

  test('what comes afterwards comes when all of it is there, or not at all', async () => {
    const told: string[] = [];
    await database.transaction(async () => {
      await database.transaction(async () => database.afterwards(() => told.push('inner')));
      database.afterwards(() => told.push('outer'));
      expect(told).toEqual([]);
    });
    const failed = database.transaction(async () => {
      database.afterwards(() => told.push('never'));
      throw new ConflictError('not after all');
    });
    await expect(failed).rejects.toBeInstanceOf(ConflictError);
    database.afterwards(() => told.push('at once'));
    expect(told).toEqual(['inner', 'outer', 'at once']);
  });
});
