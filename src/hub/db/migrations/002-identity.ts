/**
 * Who may do what beyond owning a namespace: organizations with teams, collaborators, access tokens; and what secures an
 * account: a second factor, sessions of several purposes, invitations.
 */
import type { Words } from '../words.ts';

export function identity(words: Words): string[] {
  return [...accounts(words), ...organizations(words), ...invitations(words)];
}

const accounts = ({ counter }: Words): string[] => [
  // An organization is an account without a password: one unique name for both is one name space for both.
  `ALTER TABLE accounts ADD COLUMN kind TEXT NOT NULL DEFAULT 'user'`,
  // The second factor's secret in base32; the pending one was shown and waits for its first code.
  'ALTER TABLE accounts ADD COLUMN totp_secret TEXT',
  'ALTER TABLE accounts ADD COLUMN totp_pending TEXT',
  // The time step of the last code that was taken: no code works twice.
  'ALTER TABLE accounts ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0',
  `CREATE TABLE recovery_codes (
     account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     code_hash  TEXT    NOT NULL,
     PRIMARY KEY (account_id, code_hash))`,
  // scope is the widest one given; repositories a JSON list of paths, or null for all that the account may.
  `CREATE TABLE access_tokens (
     id              ${counter},
     uuid            TEXT    NOT NULL UNIQUE,
     account_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     created_by      INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     token_hash      TEXT    NOT NULL UNIQUE,
     label           TEXT    NOT NULL,
     description     TEXT    NOT NULL,
     scope           TEXT    NOT NULL,
     repositories    TEXT,
     is_active       INTEGER NOT NULL,
     creator_address TEXT    NOT NULL,
     creator_agent   TEXT    NOT NULL,
     created_at      BIGINT  NOT NULL,
     expires_at      BIGINT,
     last_used_at    BIGINT)`,
  'CREATE INDEX access_tokens_account ON access_tokens (account_id)',
  // What the secret is good for: session, refresh, second-factor or password-reset; for nothing else.
  `ALTER TABLE sessions ADD COLUMN purpose TEXT NOT NULL DEFAULT 'session'`,
  // The access token that it was begun with, whose limits it has and with which it ends.
  'ALTER TABLE sessions ADD COLUMN access_token_id INTEGER REFERENCES access_tokens (id) ON DELETE CASCADE',
  // Of a refresh token: the only service that takes it.
  `ALTER TABLE sessions ADD COLUMN service TEXT NOT NULL DEFAULT ''`,
  `ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT ''`,
  'ALTER TABLE sessions ADD COLUMN last_used_at BIGINT',
];

const organizations = ({ counter }: Words): string[] => [
  // role is owner, editor or member.
  `CREATE TABLE organization_members (
     organization_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     account_id      INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     role            TEXT    NOT NULL,
     created_at      BIGINT  NOT NULL,
     PRIMARY KEY (organization_id, account_id))`,
  'CREATE INDEX organization_members_account ON organization_members (account_id)',
  `CREATE TABLE teams (
     id              ${counter},
     uuid            TEXT    NOT NULL UNIQUE,
     organization_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     name            TEXT    NOT NULL,
     description     TEXT    NOT NULL,
     created_at      BIGINT  NOT NULL,
     UNIQUE (organization_id, name))`,
  `CREATE TABLE team_members (
     team_id    INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
     account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     PRIMARY KEY (team_id, account_id))`,
  'CREATE INDEX team_members_account ON team_members (account_id)',
  // permission: 1 reads, 2 writes, 3 administers.
  `CREATE TABLE team_repositories (
     team_id       INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     permission    INTEGER NOT NULL,
     PRIMARY KEY (team_id, repository_id))`,
  'CREATE INDEX team_repositories_repository ON team_repositories (repository_id)',
  `CREATE TABLE collaborators (
     repository_id INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
     account_id    INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
     permission    INTEGER NOT NULL,
     PRIMARY KEY (repository_id, account_id))`,
  'CREATE INDEX collaborators_account ON collaborators (account_id)',
];

const invitations = ({ counter }: Words): string[] => [
  // To sign up where that needs one; used once. An empty email lets any address sign up.
  `CREATE TABLE invitations (
     id         ${counter},
     uuid       TEXT    NOT NULL UNIQUE,
     token_hash TEXT    NOT NULL UNIQUE,
     email      TEXT    NOT NULL,
     created_by INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
     created_at BIGINT  NOT NULL,
     expires_at BIGINT  NOT NULL)`,
];
