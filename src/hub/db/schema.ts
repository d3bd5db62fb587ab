/**
 * The tables as types, for Kysely. Portable between SQLite and PostgreSQL: truth values are 0 or 1, times are
 * milliseconds since 1970, so both databases give numbers. What each column means is said in migrations/.
 */
import type { Generated } from 'kysely';
import type { CacheTables } from './cache-tables.ts';
import type { RuleTables } from './rule-tables.ts';

export interface Schema extends RuleTables, CacheTables {
  accounts: AccountTable;
  sessions: SessionTable;
  repositories: RepositoryTable;
  repository_blobs: RepositoryBlobTable;
  manifests: ManifestTable;
  manifest_references: ManifestReferenceTable;
  tags: TagTable;
  stars: StarTable;
  recovery_codes: RecoveryCodeTable;
  access_tokens: AccessTokenTable;
  organization_members: OrganizationMemberTable;
  teams: TeamTable;
  team_members: TeamMemberTable;
  team_repositories: TeamRepositoryTable;
  collaborators: CollaboratorTable;
  invitations: InvitationTable;
  repository_categories: RepositoryCategoryTable;
  repository_redirects: RepositoryRedirectTable;
  repository_pulls: RepositoryPullTable;
  tag_pulls: TagPullTable;
  manifest_pulls: ManifestPullTable;
  deleted_tags: DeletedTagTable;
  deleted_manifests: DeletedManifestTable;
  deleted_manifest_references: DeletedManifestReferenceTable;
  deleted_repositories: DeletedRepositoryTable;
  repository_totals: RepositoryTotalTable;
  collections: CollectionTable;
  signing_keys: SigningKeyTable;
  blob_removals: BlobRemovalTable;
  acme: AcmeTable;
  holds: HoldTable;
  identities: IdentityTable;
  sign_in_steps: SignInStepTable;
  group_grants: GroupGrantTable;
}

export type AccountKind = 'user' | 'organization';
export type SessionPurpose = 'session' | 'refresh' | 'second-factor' | 'password-reset';
export type RunCause = 'schedule' | 'shell' | 'person';
export type OrganizationRole = 'owner' | 'editor' | 'member';
export type TokenScope = 'public_read' | 'read' | 'write' | 'delete' | 'admin';

interface AccountTable {
  id: Generated<number>;
  name: string;
  email: string;
  password_hash: string;
  is_admin: number;
  full_name: string;
  location: string;
  company: string;
  created_at: number;
  kind: Generated<AccountKind>;
  totp_secret: string | null;
  totp_pending: string | null;
  totp_step: Generated<number>;
  is_active: Generated<number>;
}

interface SessionTable {
  id: Generated<number>;
  token_hash: string;
  account_id: number;
  user_agent: string;
  created_at: number;
  expires_at: number;
  purpose: Generated<SessionPurpose>;
  access_token_id: number | null;
  service: Generated<string>;
  provider_sid: Generated<string>;
  address: Generated<string>;
  last_used_at: number | null;
}

interface RepositoryTable {
  id: Generated<number>;
  namespace: string;
  name: string;
  is_private: number;
  is_pending: number;
  description: string;
  full_description: string;
  star_count: number;
  pull_count: number;
  created_at: number;
  updated_at: number;
  last_pushed_at: number | null;
  last_pulled_at: number | null;
  immutable_tags: Generated<number>;
  immutable_rules: Generated<string>;
  search_rank: number | null;
}

interface RepositoryBlobTable {
  repository_id: number;
  digest: string;
  size: number;
  created_at: number;
  unused_since: number;
}

interface ManifestTable {
  repository_id: number;
  digest: string;
  media_type: string;
  bytes: Uint8Array;
  subject: string | null;
  artifact_type: string | null;
  annotations: string | null;
  os: string | null;
  architecture: string | null;
  variant: string | null;
  os_version: string | null;
  image_size: number;
  pushed_by: number | null;
  pushed_at: number;
}

interface ManifestReferenceTable {
  repository_id: number;
  manifest_digest: string;
  digest: string;
  kind: 'blob' | 'manifest';
}

interface TagTable {
  repository_id: number;
  name: string;
  digest: string;
  pushed_by: number | null;
  pushed_at: number;
  last_pulled_at: number | null;
}

interface StarTable {
  account_id: number;
  repository_id: number;
  created_at: number;
}

interface RecoveryCodeTable {
  account_id: number;
  code_hash: string;
}

interface AccessTokenTable {
  id: Generated<number>;
  uuid: string;
  account_id: number;
  created_by: number | null;
  token_hash: string;
  label: string;
  description: string;
  scope: TokenScope;
  repositories: string | null;
  is_active: number;
  creator_address: string;
  creator_agent: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
}

interface OrganizationMemberTable {
  organization_id: number;
  account_id: number;
  role: OrganizationRole;
  created_at: number;
}

interface TeamTable {
  id: Generated<number>;
  uuid: string;
  organization_id: number;
  name: string;
  description: string;
  created_at: number;
}

interface TeamMemberTable {
  team_id: number;
  account_id: number;
}

interface TeamRepositoryTable {
  team_id: number;
  repository_id: number;
  permission: number;
}

interface CollaboratorTable {
  repository_id: number;
  account_id: number;
  permission: number;
}

interface InvitationTable {
  id: Generated<number>;
  uuid: string;
  token_hash: string;
  email: string;
  created_by: number | null;
  created_at: number;
  expires_at: number;
}

interface RepositoryCategoryTable {
  repository_id: number;
  slug: string;
}

interface RepositoryRedirectTable {
  namespace: string;
  name: string;
  repository_id: number;
  created_at: number;
}

interface RepositoryPullTable {
  repository_id: number;
  day: number;
  pulls: number;
}

interface TagPullTable {
  repository_id: number;
  tag: string;
  day: number;
  pulls: number;
}

interface ManifestPullTable {
  repository_id: number;
  digest: string;
  last_pulled_at: number;
}

interface DeletedTagTable {
  id: Generated<number>;
  repository_id: number;
  name: string;
  digest: string;
  deleted_by: number | null;
  deleted_at: number;
}

interface DeletedManifestTable {
  repository_id: number;
  digest: string;
  media_type: string;
  bytes: Uint8Array;
  deleted_at: number;
}

interface DeletedManifestReferenceTable {
  repository_id: number;
  manifest_digest: string;
  digest: string;
}

interface DeletedRepositoryTable {
  repository_id: number;
  namespace: string;
  name: string;
  deleted_by: number | null;
  deleted_at: number;
}

interface RepositoryTotalTable {
  repository_id: number;
  tags: Generated<number>;
  blobs: Generated<number>;
  bytes: Generated<number>;
}

interface CollectionTable {
  id: Generated<number>;
  cause: RunCause;
  account_id: number | null;
  is_dry_run: number;
  untagged: number;
  started_at: number;
  ended_at: number | null;
  manifests: number;
  blobs: number;
  bytes: number;
  failure: string | null;
}

interface SigningKeyTable {
  id: Generated<number>;
  created_at: number;
  jwk: string;
}

interface BlobRemovalTable {
  id: Generated<number>;
  digest: string;
  begun_at: number;
  ended_at: number | null;
}

interface AcmeTable {
  name: string;
  value: string;
  updated_at: number;
}

interface HoldTable {
  id: string;
  purpose: string;
  expires_at: number;
}

interface IdentityTable {
  issuer: string;
  subject: string;
  account_id: number;
  email: string;
  created_at: number;
  last_used_at: number;
}

interface SignInStepTable {
  token_hash: string;
  step: string;
  expires_at: number;
}

interface GroupGrantTable {
  id: Generated<number>;
  account_id: number;
  organization_id: number | null;
  team_id: number | null;
  role: OrganizationRole | null;
}
