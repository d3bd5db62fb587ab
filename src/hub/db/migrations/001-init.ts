/** The first schema. Append-only: what is here has run on somebody's data; changes go into 002 and on. */
import type { Words } from '../words.ts';

/** Statements, in order. The words are where SQLite and PostgreSQL differ. */
export function init(words: Words): string[] {
  return [...accounts(words), ...repositories(words), ...contents(words), ...activity];
}

const accounts = ({ counter }: Words): string[] => [
  // password_hash is the PHC string of argon2id.
  `CREATE TABLE accounts (
     id            ${counter},
     name          TEXT    NOT NULL UNIQUE,
     email         TEXT    NOT NULL,
     password_hash TEXT    NOT NULL,
     is_admin      INTEGER NOT NULL,
     full_name     TEXT    NOT NULL,
     location      TEXT    NOT NULL,
     company       TEXT    NOT NULL,
     created_at    BIGINT  NOT NULL)`,
  // token_hash is SHA-256 of the secret; the secret itself is with its holder only.
  `CREATE TABLE sessions (
     id         ${counter},
     token_hash TEXT    NOT NULL UNIQUE,
     account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     user_agent TEXT    NOT NULL,
     created_at BIGINT  NOT NULL,
     expires_at BIGINT  NOT NULL)`,
  'CREATE INDEX sessions_account ON sessions (account_id)',
];

const repositories = ({ counter }: Words): string[] => [
  // namespace is the first part of the path, name all the rest of it.
  // is_pending: blobs are arriving for a first push, no manifest yet; for everybody as if it were not there.
  `CREATE TABLE repositories (
     id               ${counter},
     namespace        TEXT    NOT NULL,
     name             TEXT    NOT NULL,
     is_private       INTEGER NOT NULL,
     is_pending       INTEGER NOT NULL,
     description      TEXT    NOT NULL,
     full_description TEXT    NOT NULL,
     star_count       BIGINT  NOT NULL,
     pull_count       BIGINT  NOT NULL,
     created_at       BIGINT  NOT NULL,
     updated_at       BIGINT  NOT NULL,
     last_pushed_at   BIGINT,
     last_pulled_at   BIGINT,
     UNIQUE (namespace, name))`,
  // The repository may read the blob: the only door to a blob, wherever else its bytes are known.
  `CREATE TABLE repository_blobs (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     digest        TEXT    NOT NULL,
     size          BIGINT  NOT NULL,
     created_at    BIGINT  NOT NULL,
     PRIMARY KEY (repository_id, digest))`,
  'CREATE INDEX repository_blobs_digest ON repository_blobs (digest)',
];

const contents = ({ bytes }: Words): string[] => [
  // bytes are as received; the columns after them are derived from them and from the image's config.
  // image_size is config and layers; of an index, the sum over its images.
  `CREATE TABLE manifests (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     digest        TEXT    NOT NULL,
     media_type    TEXT    NOT NULL,
     pushed_by     INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     pushed_at     BIGINT  NOT NULL,
     subject       TEXT,
     artifact_type TEXT,
     annotations   TEXT,
     os            TEXT,
     architecture  TEXT,
     variant       TEXT,
     os_version    TEXT,
     image_size    BIGINT  NOT NULL,
     bytes         ${bytes} NOT NULL,
     PRIMARY KEY (repository_id, digest))`,
  'CREATE INDEX manifests_subject ON manifests (repository_id, subject)',
  // What a manifest needs to be whole: its config and layers (kind blob), or the manifests of an index (kind manifest).
  `CREATE TABLE manifest_references (
     repository_id   INTEGER NOT NULL,
     manifest_digest TEXT    NOT NULL,
     digest          TEXT    NOT NULL,
     kind            TEXT    NOT NULL,
     PRIMARY KEY (repository_id, manifest_digest, digest),
     FOREIGN KEY (repository_id, manifest_digest) REFERENCES manifests (repository_id, digest) ON DELETE CASCADE)`,
  'CREATE INDEX manifest_references_digest ON manifest_references (digest)',
  // A manifest takes its tags with it.
  `CREATE TABLE tags (
     repository_id  INTEGER NOT NULL,
     name           TEXT    NOT NULL,
     digest         TEXT    NOT NULL,
     pushed_by      INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     pushed_at      BIGINT  NOT NULL,
     last_pulled_at BIGINT,
     PRIMARY KEY (repository_id, name),
     FOREIGN KEY (repository_id, digest) REFERENCES manifests (repository_id, digest) ON DELETE CASCADE)`,
  'CREATE INDEX tags_digest ON tags (repository_id, digest)',
];

const activity: readonly string[] = [
  `CREATE TABLE stars (
     account_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     created_at    BIGINT  NOT NULL,
     PRIMARY KEY (account_id, repository_id))`,
  // Who may go on with an upload, and where to; its bytes are the ingest of the same id.
  `CREATE TABLE uploads (
     id            TEXT    PRIMARY KEY,
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     account_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     created_at    BIGINT  NOT NULL)`,
];
