/**
 * What long lists and an administrator's pages read: how much each repository holds, counted as it changes; tags by their age;
 * accounts that are switched off; the collections of garbage that were run.
 */
import type { Words } from '../words.ts';

export function administration(words: Words): string[] {
  return [...lists, ...totals(words), ...accounts, ...collections(words)];
}

const lists: readonly string[] = [
  // Both ways, with nothing to sort or to read beside it.
  'CREATE INDEX tags_pushed ON tags (repository_id, pushed_at, name)',
  // The kinds and the architectures of a repository's images are found by stepping from one to the next.
  'CREATE INDEX manifests_media_type ON manifests (repository_id, media_type)',
  `CREATE INDEX manifests_architecture ON manifests (repository_id, architecture) WHERE architecture IS NOT NULL`,
  // Search sorted by what is newest, and by stars.
  `CREATE INDEX repositories_public_pushed ON repositories (last_pushed_at)
     WHERE is_private = 0 AND is_pending = 0 AND last_pushed_at IS NOT NULL`,
  `CREATE INDEX repositories_public_stars ON repositories (star_count)
     WHERE is_private = 0 AND is_pending = 0 AND star_count > 0`,
];

/** Counted by the database itself: rows also go with the rows that they belong to, and nothing else would be told. */
const totals = (words: Words): readonly string[] => [
  `CREATE TABLE repository_totals (
     repository_id INTEGER PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
     tags          BIGINT  NOT NULL DEFAULT 0,
     blobs         BIGINT  NOT NULL DEFAULT 0,
     bytes         BIGINT  NOT NULL DEFAULT 0)`,
  `INSERT INTO repository_totals (repository_id, tags, blobs, bytes)
     SELECT r.id, (SELECT count(*) FROM tags t WHERE t.repository_id = r.id), count(b.digest), coalesce(sum(b.size), 0)
     FROM repositories r LEFT JOIN repository_blobs b ON b.repository_id = r.id GROUP BY r.id`,
  ...words.trigger({
    name: 'tags_counted',
    event: 'INSERT',
    table: 'tags',
    body: `INSERT INTO repository_totals (repository_id, tags) VALUES (NEW.repository_id, 1)
       ON CONFLICT (repository_id) DO UPDATE SET tags = repository_totals.tags + 1;`,
  }),
  ...words.trigger({
    name: 'tags_uncounted',
    event: 'DELETE',
    table: 'tags',
    body: 'UPDATE repository_totals SET tags = tags - 1 WHERE repository_id = OLD.repository_id;',
  }),
  ...words.trigger({
    name: 'blobs_counted',
    event: 'INSERT',
    table: 'repository_blobs',
    body: `INSERT INTO repository_totals (repository_id, blobs, bytes) VALUES (NEW.repository_id, 1, NEW.size)
       ON CONFLICT (repository_id) DO UPDATE
         SET blobs = repository_totals.blobs + 1, bytes = repository_totals.bytes + excluded.bytes;`,
  }),
  ...words.trigger({
    name: 'blobs_uncounted',
    event: 'DELETE',
    table: 'repository_blobs',
    body: `UPDATE repository_totals SET blobs = blobs - 1, bytes = bytes - OLD.size
       WHERE repository_id = OLD.repository_id;`,
  }),
];

const accounts: readonly string[] = [
  // 0: as if it were not there for whoever signs in; what it owns stays.
  'ALTER TABLE accounts ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1',
];

const collections = ({ counter }: Words): string[] => [
  // cause is schedule, shell or person; ended_at is null while it runs, and for ever where it was cut off.
  `CREATE TABLE collections (
     id         ${counter},
     cause      TEXT    NOT NULL,
     account_id INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     is_dry_run INTEGER NOT NULL,
     untagged   INTEGER NOT NULL,
     started_at BIGINT  NOT NULL,
     ended_at   BIGINT,
     manifests  BIGINT  NOT NULL,
     blobs      BIGINT  NOT NULL,
     bytes      BIGINT  NOT NULL,
     failure    TEXT)`,
];
