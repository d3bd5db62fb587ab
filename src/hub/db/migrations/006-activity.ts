/** What happened to repositories, by whom and when: the newest of each, as many as activity-store.ts keeps. */
import type { Words } from '../words.ts';

export function activity({ counter }: Words): string[] {
  return [
    // `reference` is a tag, or a digest where there is none; `detail` whom a right is of, or where the repository was before.
    `CREATE TABLE activity (
       id            ${counter},
       repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
       account_id    INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
       kind          TEXT    NOT NULL,
       reference     TEXT,
       digest        TEXT,
       detail        TEXT,
       permission    TEXT,
       happened_at   BIGINT  NOT NULL)`,
    // Newest first, of one repository and by one account.
    'CREATE INDEX activity_repository ON activity (repository_id, id)',
    'CREATE INDEX activity_account ON activity (account_id, id)',
  ];
}
