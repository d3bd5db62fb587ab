/**
 * What repositories have beyond their contents: immutable tags, categories, earlier names, pulls by day and by tag, what was
 * deleted and may be brought back; and the order that search and catalog read them in.
 */
import type { Words } from '../words.ts';

export function repositories(words: Words): string[] {
  return [...attributes, ...names, ...pulls, ...deleted(words), ...search];
}

const attributes: readonly string[] = [
  'ALTER TABLE repositories ADD COLUMN immutable_tags INTEGER NOT NULL DEFAULT 0',
  // A JSON list of regular expressions: the tags that never move while immutable_tags is 1.
  `ALTER TABLE repositories ADD COLUMN immutable_rules TEXT NOT NULL DEFAULT '[".*"]'`,
  `CREATE TABLE repository_categories (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     slug          TEXT    NOT NULL,
     PRIMARY KEY (repository_id, slug))`,
];

const names: readonly string[] = [
  // A name that the repository had before, until somebody takes it again.
  `CREATE TABLE repository_redirects (
     namespace     TEXT    NOT NULL,
     name          TEXT    NOT NULL,
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     created_at    BIGINT  NOT NULL,
     PRIMARY KEY (namespace, name))`,
  'CREATE INDEX repository_redirects_repository ON repository_redirects (repository_id)',
];

/** A day is the number of days since 1970, in UTC. */
const pulls: readonly string[] = [
  `CREATE TABLE repository_pulls (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     day           INTEGER NOT NULL,
     pulls         BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, day))`,
  // By name, whatever it named on which day.
  `CREATE TABLE tag_pulls (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     tag           TEXT    NOT NULL,
     day           INTEGER NOT NULL,
     pulls         BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, tag, day))`,
  // Beside the manifests, whose rows are large to write.
  `CREATE TABLE manifest_pulls (
     repository_id  INTEGER NOT NULL,
     digest         TEXT    NOT NULL,
     last_pulled_at BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, digest),
     FOREIGN KEY (repository_id, digest) REFERENCES manifests (repository_id, digest) ON DELETE CASCADE)`,
];

/** Kept for the grace period of garbage. */
const deleted = ({ counter, bytes }: Words): string[] => [
  `CREATE TABLE deleted_tags (
     id            ${counter},
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     name          TEXT    NOT NULL,
     digest        TEXT    NOT NULL,
     deleted_by    INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     deleted_at    BIGINT  NOT NULL)`,
  'CREATE INDEX deleted_tags_repository ON deleted_tags (repository_id, deleted_at)',
  `CREATE TABLE deleted_manifests (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     digest        TEXT    NOT NULL,
     media_type    TEXT    NOT NULL,
     bytes         ${bytes} NOT NULL,
     deleted_at    BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, digest))`,
  // The manifests of an index that was deleted.
  `CREATE TABLE deleted_manifest_references (
     repository_id   INTEGER NOT NULL,
     manifest_digest TEXT    NOT NULL,
     digest          TEXT    NOT NULL,
     PRIMARY KEY (repository_id, digest, manifest_digest),
     FOREIGN KEY (repository_id, manifest_digest)
       REFERENCES deleted_manifests (repository_id, digest) ON DELETE CASCADE)`,
  // The row in repositories is pending again then, below no namespace, so that its name is free; this is what it was.
  `CREATE TABLE deleted_repositories (
     repository_id INTEGER PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
     namespace     TEXT    NOT NULL,
     name          TEXT    NOT NULL,
     deleted_by    INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     deleted_at    BIGINT  NOT NULL)`,
  'CREATE INDEX deleted_repositories_namespace ON deleted_repositories (namespace, deleted_at)',
];

const search: readonly string[] = [
  // Each list of everybody's reads one of these from its place on, however many rows of the other kind lie between.
  'CREATE INDEX repositories_public ON repositories (namespace, name) WHERE is_private = 0 AND is_pending = 0',
  'CREATE INDEX repositories_private ON repositories (namespace, name) WHERE is_private = 1 AND is_pending = 0',
  // The row in the search index, which search/search-rank.ts makes; none before it is indexed.
  'ALTER TABLE repositories ADD COLUMN search_rank BIGINT',
  'CREATE UNIQUE INDEX repositories_search_rank ON repositories (search_rank)',
  'CREATE INDEX repositories_public_rank ON repositories (search_rank) WHERE is_private = 0 AND is_pending = 0',
];
