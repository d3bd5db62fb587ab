/** SQLite's spelling; full text by FTS5. https://www.sqlite.org/fts5.html */
import { sql } from 'kysely';
import type { Words } from './words.ts';

/** A word's beginning of any of these lengths is found as quickly as a whole word. */
const prefixes = `prefix = '1 2 3 4 5 6 7 8 9 10 11 12'`;
/** Words as search-words.ts makes them, without where they stand; and not what they are of, which is in the repositories. */
const wordsOnly = `tokenize = 'ascii', detail = none, content = '', contentless_delete = 1`;

export const sqliteWords: Words = {
  counter: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  bytes: 'BLOB',
  definition: (statement) => statement,
  trigger: ({ name, event, table, body }) => [
    `CREATE TRIGGER ${name} AFTER ${event} ON ${table} BEGIN ${body} END`,
  ],
  searchTables: {
    first: [
      `CREATE VIRTUAL TABLE repository_search USING fts5 (
         namespace, name, description, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
    ],
    // The document of a repository is the row of its search rank; the hub writes those that are missing when it has migrated.
    ranked: [
      'DROP TABLE repository_search',
      // Of what everybody may see: namespaces and names, and these with descriptions.
      `CREATE VIRTUAL TABLE search_names USING fts5 (words, ${wordsOnly}, ${prefixes})`,
      `CREATE VIRTUAL TABLE search_texts USING fts5 (words, ${wordsOnly}, ${prefixes})`,
      // Of what only some may see: every word with its namespace before it, so that nobody reads through what is others'.
      `CREATE VIRTUAL TABLE search_private USING fts5 (words, ${wordsOnly})`,
    ],
  },
  // A transaction begins with the lock already.
  lockForMigration: [],

  matches(table, choices) {
    // FTS5's query language is not offered: every word is quoted.
    const match = choices.map((words) => words.map((word) => `"${word}"*`).join(' AND ')).join(') OR (');
    return sql<boolean>`${sql.ref(table)} MATCH ${`(${match})`}`;
  },
  numbers: (values) => sql`SELECT value FROM json_each(${JSON.stringify(values)})`,
};
