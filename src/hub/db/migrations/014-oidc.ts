/** Signing in by a provider: whose account an identity opens, the steps on the way, and what groups of the provider gave. */
import type { Words } from '../words.ts';

export function oidc({ counter }: Words): string[] {
  return [
    // An account without a password has '' as its password_hash. One of each provider may open an account.
    `CREATE TABLE identities (
       issuer       TEXT    NOT NULL,
       subject      TEXT    NOT NULL,
       account_id   INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
       email        TEXT    NOT NULL,
       created_at   BIGINT  NOT NULL,
       last_used_at BIGINT  NOT NULL,
       PRIMARY KEY (issuer, subject))`,
    'CREATE UNIQUE INDEX identities_account ON identities (account_id, issuer)',
    // What a browser's secret stands for between two requests: JSON, of oidc/step-store.ts.
    `CREATE TABLE sign_in_steps (
       token_hash TEXT   PRIMARY KEY,
       step       TEXT   NOT NULL,
       expires_at BIGINT NOT NULL)`,
    'CREATE INDEX sign_in_steps_end ON sign_in_steps (expires_at)',
    // A role in the organization, a place in the team, or without either the administration: taken back when the group is gone.
    `CREATE TABLE group_grants (
       id              ${counter},
       account_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
       organization_id INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
       team_id         INTEGER REFERENCES teams (id) ON DELETE CASCADE,
       role            TEXT)`,
    'CREATE INDEX group_grants_account ON group_grants (account_id)',
    'CREATE INDEX group_grants_organization ON group_grants (organization_id)',
    'CREATE INDEX group_grants_team ON group_grants (team_id)',
  ];
}
