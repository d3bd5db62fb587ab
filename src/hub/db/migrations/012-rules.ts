/** What administrators and owners set for whatever comes: quotas, what is kept how long, what is copied to other registries. */
import type { Words } from '../words.ts';

export function rules(words: Words): string[] {
  return [...quotas(words), ...retention(words), ...replication(words), ...accounts(words)];
}

const heldBy = (id: string): string => `
  SELECT digest, size FROM repository_blobs WHERE repository_id = ${id}
  UNION ALL SELECT digest, length(bytes) FROM manifests WHERE repository_id = ${id}`;

/** What comes and goes is counted by the database itself, as the totals of repositories are, and only where there is a quota. */
const quotas = (words: Words): string[] => [
  // used_bytes is the sum of the sizes in quota_contents: whoever inserts a row writes 0.
  `CREATE TABLE quotas (
     namespace  TEXT   PRIMARY KEY,
     max_bytes  BIGINT NOT NULL,
     used_bytes BIGINT NOT NULL)`,
  // Blobs and manifests, each once; links counts the repositories that have it.
  `CREATE TABLE quota_contents (
     namespace TEXT   NOT NULL REFERENCES quotas (namespace) ON DELETE CASCADE,
     digest    TEXT   NOT NULL,
     size      BIGINT NOT NULL,
     links     BIGINT NOT NULL,
     PRIMARY KEY (namespace, digest))`,
  // At most one row: what new accounts and organizations get.
  `CREATE TABLE quota_default (
     id        INTEGER PRIMARY KEY,
     max_bytes BIGINT  NOT NULL)`,
  // What is there already; nobody knows it of a namespace without a quota.
  ...words.trigger({
    name: 'quota_begun',
    event: 'INSERT',
    table: 'quotas',
    body: `
      INSERT INTO quota_contents (namespace, digest, size, links)
        SELECT NEW.namespace, h.digest, max(h.size), count(*) FROM (
          SELECT b.digest, b.size FROM repositories r JOIN repository_blobs b ON b.repository_id = r.id
            WHERE r.namespace = NEW.namespace
          UNION ALL SELECT m.digest, length(m.bytes) FROM repositories r JOIN manifests m ON m.repository_id = r.id
            WHERE r.namespace = NEW.namespace) AS h
        GROUP BY h.digest;
      UPDATE quotas SET used_bytes = (SELECT coalesce(sum(c.size), 0) FROM quota_contents c
        WHERE c.namespace = NEW.namespace) WHERE namespace = NEW.namespace;`,
  }),
  ...counted(words, 'repository_blobs', (row) => `${row}.size`),
  ...counted(words, 'manifests', (row) => `length(${row}.bytes)`),
  // Also when it is deleted, and when it comes back.
  ...words.trigger({
    name: 'quota_moved',
    event: 'UPDATE OF namespace',
    table: 'repositories',
    body: `
      UPDATE quota_contents SET links = links
          - (SELECT count(*) FROM repository_blobs b WHERE b.repository_id = OLD.id AND b.digest = quota_contents.digest)
          - (SELECT count(*) FROM manifests m WHERE m.repository_id = OLD.id AND m.digest = quota_contents.digest)
        WHERE namespace = OLD.namespace AND digest IN (SELECT h.digest FROM (${heldBy('OLD.id')}) AS h);
      UPDATE quotas SET used_bytes = used_bytes - (SELECT coalesce(sum(c.size), 0) FROM quota_contents c
          WHERE c.namespace = OLD.namespace AND c.links = 0
            AND c.digest IN (SELECT h.digest FROM (${heldBy('OLD.id')}) AS h))
        WHERE namespace = OLD.namespace;
      DELETE FROM quota_contents WHERE namespace = OLD.namespace AND links = 0
        AND digest IN (SELECT h.digest FROM (${heldBy('OLD.id')}) AS h);
      UPDATE quotas SET used_bytes = used_bytes + (SELECT coalesce(sum(e.size), 0) FROM (
          SELECT h.digest, max(h.size) AS size FROM (${heldBy('NEW.id')}) AS h GROUP BY h.digest) AS e
          WHERE NOT EXISTS (SELECT 1 FROM quota_contents c WHERE c.namespace = NEW.namespace AND c.digest = e.digest))
        WHERE namespace = NEW.namespace;
      INSERT INTO quota_contents (namespace, digest, size, links)
        SELECT q.namespace, h.digest, max(h.size), count(*) FROM quotas q JOIN (${heldBy('NEW.id')}) AS h ON 1 = 1
          WHERE q.namespace = NEW.namespace GROUP BY q.namespace, h.digest
        ON CONFLICT (namespace, digest) DO UPDATE SET links = quota_contents.links + excluded.links;`,
  }),
];

/** @param sizeOf an expression of the row that is called NEW or OLD. */
function counted(words: Words, table: string, sizeOf: (row: string) => string): string[] {
  const namespaceOf = (row: string): string =>
    `(SELECT r.namespace FROM repositories r WHERE r.id = ${row}.repository_id)`;
  return [
    ...words.trigger({
      name: `quota_${table}_counted`,
      event: 'INSERT',
      table,
      body: `
        UPDATE quotas SET used_bytes = used_bytes + ${sizeOf('NEW')} WHERE namespace = ${namespaceOf('NEW')}
          AND NOT EXISTS (SELECT 1 FROM quota_contents c
            WHERE c.namespace = quotas.namespace AND c.digest = NEW.digest);
        INSERT INTO quota_contents (namespace, digest, size, links)
          SELECT q.namespace, NEW.digest, ${sizeOf('NEW')}, 1 FROM quotas q WHERE q.namespace = ${namespaceOf('NEW')}
          ON CONFLICT (namespace, digest) DO UPDATE SET links = quota_contents.links + 1;`,
    }),
    ...words.trigger({
      name: `quota_${table}_uncounted`,
      event: 'DELETE',
      table,
      body: `
        UPDATE quota_contents SET links = links - 1
          WHERE namespace = ${namespaceOf('OLD')} AND digest = OLD.digest;
        UPDATE quotas SET used_bytes = used_bytes - (SELECT coalesce(sum(c.size), 0) FROM quota_contents c
            WHERE c.namespace = quotas.namespace AND c.digest = OLD.digest AND c.links = 0)
          WHERE namespace = ${namespaceOf('OLD')};
        DELETE FROM quota_contents
          WHERE namespace = ${namespaceOf('OLD')} AND digest = OLD.digest AND links = 0;`,
    }),
  ];
}

const retention = ({ counter }: Words): string[] => [
  // Either of a namespace or of a repository, which then is not the namespace's matter. rules is a JSON list.
  `CREATE TABLE retention_policies (
     id            ${counter},
     namespace     TEXT,
     repository_id INTEGER REFERENCES repositories (id) ON DELETE CASCADE,
     rules         TEXT    NOT NULL,
     untagged_days INTEGER,
     is_enabled    INTEGER NOT NULL,
     updated_at    BIGINT  NOT NULL,
     last_run_at   BIGINT)`,
  'CREATE UNIQUE INDEX retention_policies_namespace ON retention_policies (namespace)',
  'CREATE UNIQUE INDEX retention_policies_repository ON retention_policies (repository_id)',
  // removed is a JSON list of the first names; ended_at is null while it runs, and for ever where it was cut off.
  `CREATE TABLE retention_runs (
     id         ${counter},
     policy_id  INTEGER NOT NULL REFERENCES retention_policies (id) ON DELETE CASCADE,
     cause      TEXT    NOT NULL,
     account_id INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     started_at BIGINT  NOT NULL,
     ended_at   BIGINT,
     tags       BIGINT  NOT NULL,
     kept       BIGINT  NOT NULL,
     manifests  BIGINT  NOT NULL,
     removed    TEXT    NOT NULL,
     failure    TEXT)`,
  'CREATE INDEX retention_runs_policy ON retention_runs (policy_id, id)',
];

const isReplicating = 'EXISTS (SELECT 1 FROM replication_rules WHERE is_enabled = 1 AND is_on_push = 1)';

const replication = (words: Words): string[] => [
  // secret is sealed with a key that is not in the database; secret_file is the name of a file that has it instead.
  `CREATE TABLE replication_rules (
     id                ${words.counter},
     name              TEXT    NOT NULL UNIQUE,
     repositories      TEXT    NOT NULL,
     tags              TEXT    NOT NULL,
     registry          TEXT    NOT NULL,
     prefix            TEXT    NOT NULL,
     username          TEXT    NOT NULL,
     secret            TEXT    NOT NULL,
     secret_file       TEXT    NOT NULL,
     is_insecure       INTEGER NOT NULL,
     is_on_push        INTEGER NOT NULL,
     period            BIGINT  NOT NULL,
     mirrors_deletions INTEGER NOT NULL,
     is_enabled        INTEGER NOT NULL,
     created_at        BIGINT  NOT NULL,
     swept_at          BIGINT  NOT NULL)`,
  // What has happened and no rule was asked about yet. Without a tag: all of the repository.
  `CREATE TABLE replication_changes (
     id        ${words.counter},
     namespace TEXT NOT NULL,
     name      TEXT NOT NULL,
     tag       TEXT)`,
  // A tag that a rule is about. digest is what was put there last; due_at is null while there is nothing to do; version
  // counts how often it was asked for, so that what comes while it is copied is not forgotten.
  `CREATE TABLE replication_items (
     rule_id      INTEGER NOT NULL REFERENCES replication_rules (id) ON DELETE CASCADE,
     repository   TEXT    NOT NULL,
     tag          TEXT    NOT NULL,
     digest       TEXT,
     due_at       BIGINT,
     version      BIGINT  NOT NULL,
     attempts     INTEGER NOT NULL,
     failure      TEXT,
     lease        TEXT,
     leased_until BIGINT  NOT NULL,
     bytes_done   BIGINT  NOT NULL,
     bytes_total  BIGINT  NOT NULL,
     done_at      BIGINT,
     PRIMARY KEY (rule_id, repository, tag))`,
  'CREATE INDEX replication_items_due ON replication_items (due_at) WHERE due_at IS NOT NULL',
  ...(
    [
      ['INSERT', 'NEW', ''],
      ['UPDATE OF digest', 'NEW', 'AND NEW.digest <> OLD.digest'],
      ['DELETE', 'OLD', ''],
    ] as const
  ).flatMap(([event, row, condition]) =>
    words.trigger({
      name: `replication_tag_${event.slice(0, 6).toLowerCase()}`,
      event,
      table: 'tags',
      body: `INSERT INTO replication_changes (namespace, name, tag)
        SELECT r.namespace, r.name, ${row}.name FROM repositories r
        WHERE r.id = ${row}.repository_id AND r.namespace <> '' ${condition} AND ${isReplicating};`,
    }),
  ),
  // What is said about an image goes after it: its tags, or those of an index that has it.
  ...words.trigger({
    name: 'replication_referrer',
    event: 'INSERT',
    table: 'manifests',
    body: `INSERT INTO replication_changes (namespace, name, tag)
      SELECT r.namespace, r.name, t.name FROM repositories r JOIN tags t ON t.repository_id = r.id
      WHERE NEW.subject IS NOT NULL AND r.id = NEW.repository_id AND r.namespace <> '' AND ${isReplicating}
        AND t.digest IN (SELECT NEW.subject UNION SELECT f.manifest_digest FROM manifest_references f
          WHERE f.repository_id = NEW.repository_id AND f.digest = NEW.subject);`,
  }),
  ...words.trigger({
    name: 'replication_moved',
    event: 'UPDATE OF namespace, name',
    table: 'repositories',
    body: `INSERT INTO replication_changes (namespace, name, tag)
        SELECT OLD.namespace, OLD.name, NULL WHERE OLD.namespace <> '' AND ${isReplicating};
      INSERT INTO replication_changes (namespace, name, tag)
        SELECT NEW.namespace, NEW.name, NULL WHERE NEW.namespace <> '' AND ${isReplicating};`,
  }),
];

const accounts = (words: Words): string[] => [
  ...words.trigger({
    name: 'rules_begun',
    event: 'INSERT',
    table: 'accounts',
    body: `INSERT INTO quotas (namespace, max_bytes, used_bytes)
      SELECT NEW.name, d.max_bytes, 0 FROM quota_default d WHERE d.id = 1
      ON CONFLICT (namespace) DO NOTHING;`,
  }),
  // Whoever takes the name next begins anew.
  ...words.trigger({
    name: 'rules_ended',
    event: 'DELETE',
    table: 'accounts',
    body: `DELETE FROM quotas WHERE namespace = OLD.name;
      DELETE FROM retention_policies WHERE namespace = OLD.name;`,
  }),
];
