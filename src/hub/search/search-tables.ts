/** The tables of the search index, for migrations. https://www.sqlite.org/fts5.html */

/** The document of a repository was the row of the same number. */
export const firstSearchIndex: readonly string[] = [
  `CREATE VIRTUAL TABLE repository_search USING fts5 (
     namespace, name, description, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')`,
];

/**
 * The document of a repository is the row of its search rank. `scope` is empty for what everybody may see, else the token of
 * the namespace. A word's beginning of any of these lengths is looked up as quickly as a whole word.
 */
export const rankedSearchIndex: readonly string[] = [
  'DROP TABLE repository_search',
  `CREATE VIRTUAL TABLE repository_search USING fts5 (
     scope, namespace, name, description,
     tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3 4 5 6 7 8 9 10 11 12')`,
  `INSERT INTO repository_search (rowid, scope, namespace, name, description)
     SELECT search_rank, CASE is_private WHEN 1 THEN 'n' || hex(namespace) ELSE '' END, namespace, name, description
     FROM repositories WHERE search_rank IS NOT NULL`,
];
