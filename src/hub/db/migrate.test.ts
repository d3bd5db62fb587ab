/** A database of an older hub: what it held is there, and is found, once a newer one has opened it. */
import { Database as SqliteFile } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnsupportedError } from '../../lib/errors.ts';
import { anonymous } from '../auth/policy.ts';
import { searchRepositories } from '../search/search-repositories.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { sqliteWords } from './sqlite-words.ts';
import { init } from './migrations/001-init.ts';
import { identity } from './migrations/002-identity.ts';
import { collection } from './migrations/003-collection.ts';

function makeOld(path: string): void {
  using file = new SqliteFile(path, { create: true });
  const statements = [
    ...init(sqliteWords),
    ...sqliteWords.searchTables.first,
    ...identity(sqliteWords),
    ...collection(),
  ];
  for (const statement of statements) file.run(statement);
  file.run('CREATE TABLE schema_version (version INTEGER NOT NULL)');
  file.run('INSERT INTO schema_version VALUES (3)');
  const columns =
    'namespace, name, is_private, is_pending, description, full_description, star_count, pull_count, created_at, updated_at';
  for (const [name, isPrivate, isPending] of [
    ['open', 0, 0],
    ['closed', 1, 0],
    ['begun', 0, 1],
  ] as const) {
    file.run(
      `INSERT INTO repositories (${columns}) VALUES ('alice', ?, ?, ?, 'of an older hub', '# README', 2, 7, 1, 1)`,
      [name, isPrivate, isPending],
    );
  }
}

async function withPath(work: (path: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cais-migrate-'));
  try {
    await work(join(directory, 'hub.sqlite'));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

test('repositories of an older hub are kept, and found by who may see them', () =>
  withPath(async (path) => {
    makeOld(path);
    await using database = await SqliteDatabase.open(path);
    const names = async (actor: Parameters<typeof searchRepositories>[1]['actor']): Promise<string[]> => {
      const { hits } = await searchRepositories(database, { text: 'older', actor, limit: 10, offset: 0 });
      return hits.map(({ name, star_count, pull_count }) => `${name} ${star_count} ${pull_count}`);
    };
    expect(await names(anonymous)).toEqual(['open 2 7']);
    const alice = { kind: 'account', id: 1, name: 'alice', isAdmin: false } as const;
    expect(await names(alice)).toEqual(['closed 2 7', 'open 2 7']);
    const [row] = await database.queries
      .selectFrom('repositories')
      .select(['full_description', 'immutable_tags', 'immutable_rules'])
      .execute();
    expect(row).toEqual({ full_description: '# README', immutable_tags: 0, immutable_rules: '[".*"]' });
  }));

test('a database of a newer hub is refused, and left alone', () =>
  withPath(async (path) => {
    await (await SqliteDatabase.open(path))[Symbol.asyncDispose]();
    {
      using file = new SqliteFile(path);
      file.run('UPDATE schema_version SET version = 1000');
    }
    await expect(SqliteDatabase.open(path)).rejects.toBeInstanceOf(UnsupportedError);
  }));
