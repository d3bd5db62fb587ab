/** Works that only one copy of the hub runs at a time. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConflictError, UnavailableError } from '../../lib/errors.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { PostgresServer } from '../testing/postgres-server.ts';
import type { HubDatabase } from './database.ts';
import { openDatabase } from './open-database.ts';
import { PostgresDatabase } from './postgres-database.ts';

setDefaultTimeout(120_000);

/** A work that goes on until it is told to end. */
function startWork(
  database: HubDatabase,
  name: string,
): { begun: Promise<void>; end: () => Promise<unknown> } {
  const begun = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const ended = database.alone(name, async () => {
    begun.resolve();
    await told.promise;
    return name;
  });
  return {
    begun: begun.promise,
    end: () => {
      told.resolve();
      return ended;
    },
  };
}

describe.each(['sqlite', 'postgres'] as const)('works that run alone, in %s', (kind) => {
  let directory = '';
  let database: HubDatabase;
  /** As another copy has it open; SQLite has no copies. */
  let other: HubDatabase;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cais-alone-'));
    const postgres = kind === 'postgres' ? { url: await newPostgresDatabase(), poolSize: 2 } : undefined;
    const open = (): Promise<HubDatabase> =>
      openDatabase({ databasePath: join(directory, 'hub.sqlite'), postgres });
    database = await open();
    other = kind === 'postgres' ? await open() : database;
  });
  afterEach(async () => {
    if (other !== database) await other[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (through: HubDatabase, name: string): Promise<string | undefined> =>
    through.alone(name, async () => 'ran');

  test('are not begun while another of the same name goes on, and are after it', async () => {
    const first = startWork(database, 'collecting');
    await first.begun;
    expect(await run(database, 'collecting')).toBeUndefined();
    expect(await run(other, 'collecting')).toBeUndefined();
    expect(await run(other, 'delivering')).toBe('ran');
    expect(await first.end()).toBe('collecting');
    expect(await run(other, 'collecting')).toBe('ran');
    expect(await run(database, 'collecting')).toBe('ran');
  });

  test('leave their name to others when they fail', async () => {
    const failed = database.alone('collecting', async () => {
      throw new ConflictError('it failed');
    });
    await expect(failed).rejects.toThrow('it failed');
    expect(await run(other, 'collecting')).toBe('ran');
  });

  test('are one of many that begin at the same time', async () => {
    let running = 0;
    let most = 0;
    const begin = (through: HubDatabase): Promise<string | undefined> =>
      through.alone('collecting', async () => {
        running += 1;
        most = Math.max(most, running);
        await Bun.sleep(1);
        running -= 1;
        return 'ran';
      });
    for (let round = 0; round < 10; round += 1) {
      const results = await Promise.all([database, other, database, other].map(begin));
      expect(results).toContain('ran');
    }
    expect(most).toBe(1);
  });
});

test('a work whose server ends is told, and its name is free once the server is there again', async () => {
  await using server = await PostgresServer.start();
  await using database = await PostgresDatabase.open({ url: await server.create(), poolSize: 2 });
  const begun = Promise.withResolvers<void>();
  const work = database.alone('collecting', async (lost) => {
    begun.resolve();
    await new Promise((resolve) => lost.addEventListener('abort', resolve));
    return 'told';
  });
  await begun.promise;
  await server.kill();
  expect(await work).toBe('told');
  await expect(database.alone('collecting', async () => 'ran')).rejects.toBeInstanceOf(UnavailableError);
  await server.resume();
  expect(await database.alone('collecting', async () => 'ran')).toBe('ran');
});
