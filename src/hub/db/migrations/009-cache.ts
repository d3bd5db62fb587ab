/** What was taken from upstream registries, and which namespaces are never taken from there. */
import type { Words } from '../words.ts';

export function cache(words: Words): string[] {
  return [...ownNames(words), ...contents(words)];
}

const ownNames = (words: Words): readonly string[] => [
  // Those that an account has or had: what was the hub's once is not somebody else's when the account is gone.
  'CREATE TABLE own_namespaces (namespace TEXT PRIMARY KEY)',
  `INSERT INTO own_namespaces SELECT name FROM accounts
     UNION SELECT namespace FROM repositories WHERE namespace NOT IN ('', 'library')
     UNION SELECT namespace FROM repository_redirects WHERE namespace <> 'library'
     UNION SELECT namespace FROM deleted_repositories WHERE namespace <> 'library'`,
  ...words.trigger({
    name: 'account_namespaces',
    event: 'INSERT',
    table: 'accounts',
    body: 'INSERT INTO own_namespaces (namespace) VALUES (NEW.name) ON CONFLICT (namespace) DO NOTHING;',
  }),
  'CREATE INDEX deleted_repositories_name ON deleted_repositories (namespace, name)',
];

const contents = ({ counter, bytes }: Words): readonly string[] => [
  // registry is the name that images have it by, docker.io or ghcr.io; path is the repository's there.
  `CREATE TABLE cached_repositories (
     id       ${counter},
     registry TEXT    NOT NULL,
     path     TEXT    NOT NULL,
     UNIQUE (registry, path))`,
  // What a tag named when it was last looked at. The manifest may not be here, of who only asked what it is.
  `CREATE TABLE cached_tags (
     repository_id INTEGER NOT NULL REFERENCES cached_repositories (id) ON DELETE CASCADE,
     name          TEXT    NOT NULL,
     digest        TEXT    NOT NULL,
     media_type    TEXT    NOT NULL,
     size          BIGINT  NOT NULL,
     checked_at    BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, name))`,
  'CREATE INDEX cached_tags_digest ON cached_tags (repository_id, digest)',
  `CREATE TABLE cached_manifests (
     repository_id INTEGER NOT NULL REFERENCES cached_repositories (id) ON DELETE CASCADE,
     digest        TEXT    NOT NULL,
     media_type    TEXT    NOT NULL,
     size          BIGINT  NOT NULL,
     used_at       BIGINT  NOT NULL,
     bytes         ${bytes} NOT NULL,
     PRIMARY KEY (repository_id, digest))`,
  'CREATE INDEX cached_manifests_used ON cached_manifests (used_at)',
  // The blobs that a repository has upstream, of this size: as a manifest of it says, or with '' for the manifest as it gave them.
  `CREATE TABLE cached_links (
     repository_id   INTEGER NOT NULL REFERENCES cached_repositories (id) ON DELETE CASCADE,
     manifest_digest TEXT    NOT NULL,
     digest          TEXT    NOT NULL,
     size            BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, digest, manifest_digest))`,
  'CREATE INDEX cached_links_manifest ON cached_links (repository_id, manifest_digest)',
  // The bytes that the cache holds, beside the links of repository_blobs.
  `CREATE TABLE cached_blobs (
     digest  TEXT    PRIMARY KEY,
     size    BIGINT  NOT NULL,
     used_at BIGINT  NOT NULL)`,
  'CREATE INDEX cached_blobs_used ON cached_blobs (used_at)',
];
