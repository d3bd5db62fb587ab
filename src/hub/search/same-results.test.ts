/** SQLite's full text and PostgreSQL's find the same, in the same order, whatever the names and texts are. */
import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { type Actor, anonymous } from '../auth/policy.ts';
import type { HubDatabase } from '../db/database.ts';
import { openDatabase } from '../db/open-database.ts';
import { newPostgresDatabase } from '../testing/database-config.ts';
import { indexRepository } from './search-index.ts';
import { searchRepositories } from './search-repositories.ts';

setDefaultTimeout(120_000);

const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

const alice: Actor = { kind: 'account', id: 1, name: 'alice', isAdmin: false };

// Few different letters and words, so that much matches; and signs that mean something to SQL, to FTS5 or to a tsquery.
const name = fc.stringMatching(/^[ab][ab1]{0,3}([-._][ab1]{1,3})?$/);
const word = fc.oneof(
  fc.constantFrom(
    'app',
    'apple',
    'App',
    'ÁPP',
    'naïve',
    '日本',
    'ß',
    'ﬀ',
    '𝐀pp',
    'a&b',
    "o'b",
    '%',
    '_',
    '\\',
    ':*',
    '|',
    '!',
    '"',
    'NOT',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => text.replaceAll('\0', '')),
  name,
);
const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
const repository = fc.record({
  namespace: fc.constantFrom('alice', 'bob', 'library', 'ali'),
  name,
  description: text,
  is_private: fc.constantFrom(0, 0, 1),
  star_count: fc.nat(3),
  pull_count: fc.nat(300),
});

type Repository = typeof repository extends fc.Arbitrary<infer T> ? T : never;

async function fill(database: HubDatabase, rows: readonly Repository[]): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const row of rows) {
      const times = { created_at: 0, updated_at: 0, full_description: '', is_pending: 0 };
      const { id } = await transaction
        .insertInto('repositories')
        .values({ ...times, ...row })
        .returning('id')
        .executeTakeFirstOrThrow();
      await indexRepository(transaction, id);
    }
  });
}

test('both find the same', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cais-search-'));
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  const databasePath = join(directory, 'hub.sqlite');
  const sqlite = resources.use(await openDatabase({ databasePath, postgres: undefined }));
  const address = { url: await newPostgresDatabase(), poolSize: 2 };
  const postgres = resources.use(await openDatabase({ databasePath, postgres: address }));
  const repositories = fc.uniqueArray(repository, {
    minLength: 120,
    maxLength: 120,
    selector: ({ namespace, name: own }) => `${namespace}/${own}`,
  });
  const [rows = []] = fc.sample(repositories, { numRuns: 1 });
  await fill(sqlite, rows);
  await fill(postgres, rows);
  let found = 0;
  const search = fc.record({
    text: fc.oneof(text, word, name),
    actor: fc.constantFrom(anonymous, alice),
    limit: fc.integer({ min: 1, max: 30 }),
    offset: fc.constantFrom(0, 0, 5),
  });
  await fc.assert(
    fc.asyncProperty(search, async (page) => {
      const expected = await searchRepositories(sqlite, page);
      found += expected.count;
      expect(await searchRepositories(postgres, page)).toEqual(expected);
    }),
    { numRuns: 150 },
  );
  expect(found).toBeGreaterThan(150);
});
