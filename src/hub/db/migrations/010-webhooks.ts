/** Whom to tell of what happens, and what has been told or still has to be. */
import type { Words } from '../words.ts';

export function webhooks({ counter }: Words): string[] {
  return [
    // repository_id is null for all of a namespace; `events` are names with commas between them. failing_since is the time of the
    // first failure since the last success, disabled_at when the hub gave up.
    `CREATE TABLE webhooks (
       id            ${counter},
       uuid          TEXT    NOT NULL UNIQUE,
       namespace     TEXT    NOT NULL,
       repository_id INTEGER REFERENCES repositories (id) ON DELETE CASCADE,
       name          TEXT    NOT NULL,
       url           TEXT    NOT NULL,
       secret        TEXT    NOT NULL,
       format        TEXT    NOT NULL,
       events        TEXT    NOT NULL,
       is_active     INTEGER NOT NULL,
       failing_since BIGINT,
       disabled_at   BIGINT,
       created_by    INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
       created_at    BIGINT  NOT NULL)`,
    'CREATE INDEX webhooks_namespace ON webhooks (namespace)',
    'CREATE INDEX webhooks_repository ON webhooks (repository_id)',
    // next_at is null when it has arrived, or was given up. status, took (milliseconds), response and failure are of the last try.
    `CREATE TABLE webhook_deliveries (
       id         ${counter},
       uuid       TEXT    NOT NULL UNIQUE,
       webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
       event      TEXT    NOT NULL,
       body       TEXT    NOT NULL,
       created_at BIGINT  NOT NULL,
       attempts   INTEGER NOT NULL,
       next_at    BIGINT,
       tried_at   BIGINT,
       status     INTEGER,
       took       INTEGER,
       response   TEXT,
       failure    TEXT)`,
    'CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, id)',
    'CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at, id) WHERE next_at IS NOT NULL',
  ];
}
