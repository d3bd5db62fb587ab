/**
 * The hub's JSON API as types: Docker Hub's shapes, as the pages, the CLI and other people's tools use them. The shapes are
 * said once, in schemas/: the hub checks bodies and queries by them and makes the OpenAPI document of them. Who only needs the
 * types imports no validator.
 * https://docs.docker.com/reference/api/hub/latest/
 */
import type { z } from 'zod';
import type {
  accessTokenPageSchema,
  accessTokenSchema,
  createAccessTokenSchema,
  createOrganizationTokenSchema,
  organizationTokenPageSchema,
  organizationTokenSchema,
  updateAccessTokenSchema,
  updateOrganizationTokenSchema,
} from './schemas/access-tokens.ts';
import type { activityPageSchema, activityQuery } from './schemas/activity.ts';
import type { auditExportQuery, auditPageSchema, auditQuery } from './schemas/audit.ts';
import type { ownStorageSchema, recentSchema } from './schemas/home.ts';
import type { pullsQuery, pullsSchema } from './schemas/pulls.ts';
import type { liveProgressSchema, livePushSchema } from './schemas/live.ts';
import type { categorySchema } from './schemas/categories.ts';
import type {
  administeredUserQuery,
  administeredUserSchema,
  administerUserSchema,
  collectGarbageSchema,
  failureListSchema,
  garbageSchema,
  settingsSchema,
  storagePageSchema,
} from './schemas/administration.ts';
import type {
  cachedRepositoryPageSchema,
  cachedRepositoryQuery,
  cachedTagPageSchema,
  cachedTagQuery,
  cacheSchema,
  pruneCacheSchema,
  prunedCacheSchema,
} from './schemas/cache.ts';
import type { errorSchema } from './schemas/common.ts';
import type { deletedRepositoryPageSchema, deletedTagPageSchema } from './schemas/deleted.ts';
import type {
  fileChangePageSchema,
  fileChangeSchema,
  fileChangeQuery,
  fileContentQuery,
  fileContentSchema,
  fileListQuery,
  fileSchema,
} from './schemas/files.ts';
import type {
  attestationQuery,
  imageAttestationsSchema,
  provenanceSchema,
  sbomPackagePageSchema,
  sbomPackageQuery,
  sbomPackageSchema,
} from './schemas/attestations.ts';
import type { imageConfigSchema, imageDetailSchema } from './schemas/images.ts';
import type {
  changeMemberSchema,
  collaboratorSchema,
  createOrganizationSchema,
  createTeamSchema,
  memberListQuery,
  memberSchema,
  organizationSchema,
  ownOrganizationSchema,
  seenOrganizationSchema,
  teamGrantSchema,
  teamListQuery,
  teamRepositorySchema,
  teamSchema,
  updateOrganizationSchema,
  updateTeamSchema,
} from './schemas/organizations.ts';
import type {
  createRepositorySchema,
  immutableTagsSchema,
  moveRepositorySchema,
  repositoryListQuery,
  repositoryPageSchema,
  repositorySchema,
  updateRepositorySchema,
  verifiedRuleSchema,
} from './schemas/repositories.ts';
import type { indexSearchSchema, searchPageSchema, searchQuery } from './schemas/search.ts';
import type { deletedTagsSchema, tagListQuery, tagSchema } from './schemas/tags.ts';
import type {
  identitySchema,
  linkingIdentitySchema,
  providerLinkSchema,
  providerSignUpSchema,
  providerStepSchema,
  signInMethodsSchema,
} from './schemas/provider.ts';
import type {
  begunSecondFactorSchema,
  loginResponseSchema,
  loginSchema,
  logoutResponseSchema,
  recoveryCodesSchema,
  secondFactorLoginSchema,
  secondFactorSchema,
  sessionListSchema,
} from './schemas/sessions.ts';
import type {
  changePasswordSchema,
  createdInvitationSchema,
  createdPasswordResetSchema,
  invitationListSchema,
  passwordResetSchema,
  publicUserSchema,
  signupSchema,
  updateUserSchema,
  userSchema,
} from './schemas/users.ts';

import type {
  namespaceQuotaSchema,
  quotaPageSchema,
  setQuotaDefaultSchema,
  setQuotaSchema,
} from './schemas/quotas.ts';
import type {
  createReplicationSchema,
  replicationItemPageSchema,
  replicationItemQuery,
  replicationListSchema,
  replicationSchema,
  updateReplicationSchema,
} from './schemas/replication.ts';
import type { retentionPolicySchema, retentionPreviewSchema, retentionSchema } from './schemas/retention.ts';
import type {
  deliveryListSchema,
  putWebhookSchema,
  sentSchema,
  updateWebhookSchema,
  webhookListSchema,
  webhookSchema,
} from './schemas/webhooks.ts';

/** Nobody changes what was sent or received. */
type Fixed<T> = T extends readonly (infer E)[]
  ? readonly Fixed<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Fixed<T[K]> }
    : T;

type Answer<S extends z.ZodType> = Fixed<z.output<S>>;
type Request<S extends z.ZodType> = Fixed<z.input<S>>;
type ElementOf<P extends { readonly results: readonly unknown[] }> = P['results'][number];

/** What a client gives: numbers as numbers, though they travel as text. */
type Query<S extends z.ZodType> = {
  readonly [K in keyof z.input<S>]?: K extends
    | 'page'
    | 'page_size'
    | 'days'
    | 'n'
    | 'layer'
    | 'layers'
    | 'stars'
    ? number
    : z.input<S>[K];
};

/** One page of a list. `next` and `previous` are whole addresses; pages count from 1. */
export interface Page<T> {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly T[];
}

export type AdministeredUser = Answer<typeof administeredUserSchema>;
export type AdministeredUserQuery = Query<typeof administeredUserQuery>;
export type AdministerUserRequest = Request<typeof administerUserSchema>;
export type PasswordReset = Answer<typeof createdPasswordResetSchema>;
export type CreatedInvitation = Answer<typeof createdInvitationSchema>;
export type InvitationList = Answer<typeof invitationListSchema>;
export type Cache = Answer<typeof cacheSchema>;
export type CachedRepository = ElementOf<Answer<typeof cachedRepositoryPageSchema>>;
export type CachedRepositoryQuery = Query<typeof cachedRepositoryQuery>;
export type CachedTag = ElementOf<Answer<typeof cachedTagPageSchema>>;
export type CachedTagQuery = Query<typeof cachedTagQuery>;
export type PruneCacheRequest = Request<typeof pruneCacheSchema>;
export type PrunedCache = Answer<typeof prunedCacheSchema>;
export type StoragePage = Answer<typeof storagePageSchema>;
export type Garbage = Answer<typeof garbageSchema>;
export type CollectGarbageRequest = Request<typeof collectGarbageSchema>;
export type HubSettings = Answer<typeof settingsSchema>;
export type RequestFailures = Answer<typeof failureListSchema>;

export type ApiErrorBody = Answer<typeof errorSchema>;

export type SignupRequest = Request<typeof signupSchema>;
export type LoginRequest = Request<typeof loginSchema>;
export type LoginResponse = Answer<typeof loginResponseSchema>;
export type LogoutResponse = Answer<typeof logoutResponseSchema>;
export type SignInMethods = Answer<typeof signInMethodsSchema>;
export type ProviderStep = Answer<typeof providerStepSchema>;
export type ProviderSignUpRequest = Request<typeof providerSignUpSchema>;
export type ProviderLinkRequest = Request<typeof providerLinkSchema>;
export type Identity = Answer<typeof identitySchema>;
export type LinkingIdentity = Answer<typeof linkingIdentitySchema>;
export type SecondFactorLoginRequest = Request<typeof secondFactorLoginSchema>;
export type ChangePasswordRequest = Request<typeof changePasswordSchema>;
export type PasswordResetRequest = Request<typeof passwordResetSchema>;
export type SessionList = Answer<typeof sessionListSchema>;
export type Session = SessionList['results'][number];
export type SecondFactor = Answer<typeof secondFactorSchema>;
export type BegunSecondFactor = Answer<typeof begunSecondFactorSchema>;
export type RecoveryCodes = Answer<typeof recoveryCodesSchema>;

export type ActivityPage = Answer<typeof activityPageSchema>;
export type Activity = ActivityPage['results'][number];
export type ActivityQuery = Query<typeof activityQuery>;

export type Pulls = Answer<typeof pullsSchema>;
export type PullsQuery = Query<typeof pullsQuery>;
export type OwnStorage = Answer<typeof ownStorageSchema>;
export type RecentRepositories = Answer<typeof recentSchema>;

export type AuditLogPage = Answer<typeof auditPageSchema>;
export type AuditLog = AuditLogPage['logs'][number];
export type AuditQuery = Query<typeof auditQuery>;
export type AuditExportQuery = Query<typeof auditExportQuery>;

export type LiveProgress = Answer<typeof liveProgressSchema>;
export type LivePush = Answer<typeof livePushSchema>;

export type AccessToken = Answer<typeof accessTokenSchema>;
export type AccessTokenPage = Answer<typeof accessTokenPageSchema>;
export type CreateAccessTokenRequest = Request<typeof createAccessTokenSchema>;
export type UpdateAccessTokenRequest = Request<typeof updateAccessTokenSchema>;
export type CreateOrganizationTokenRequest = Request<typeof createOrganizationTokenSchema>;
export type UpdateOrganizationTokenRequest = Request<typeof updateOrganizationTokenSchema>;
export type OrganizationToken = Answer<typeof organizationTokenSchema>;
export type OrganizationTokenPage = Answer<typeof organizationTokenPageSchema>;
export type User = Answer<typeof userSchema>;
export type UpdateUserRequest = Request<typeof updateUserSchema>;
export type PublicUser = Answer<typeof publicUserSchema>;

/** Which page of a list, from 1, and of how many entries. */
export interface PageQuery {
  readonly page?: number;
  readonly page_size?: number;
}

export type CreateOrganizationRequest = Request<typeof createOrganizationSchema>;
export type UpdateOrganizationRequest = Request<typeof updateOrganizationSchema>;
export type Organization = Answer<typeof organizationSchema>;
export type OwnOrganization = Answer<typeof ownOrganizationSchema>;
export type SeenOrganization = Answer<typeof seenOrganizationSchema>;
export type Member = Answer<typeof memberSchema>;
export type MemberRole = Request<typeof changeMemberSchema>['role'];
export type MemberListQuery = Query<typeof memberListQuery>;
export type CreateTeamRequest = Request<typeof createTeamSchema>;
export type UpdateTeamRequest = Request<typeof updateTeamSchema>;
export type Team = Answer<typeof teamSchema>;
export type TeamListQuery = Query<typeof teamListQuery>;
export type TeamGrant = Answer<typeof teamGrantSchema>;
export type TeamRepository = Answer<typeof teamRepositorySchema>;
export type Collaborator = Answer<typeof collaboratorSchema>;
export type Permission = Collaborator['permission'];

export type CreateRepositoryRequest = Request<typeof createRepositorySchema>;
export type UpdateRepositoryRequest = Request<typeof updateRepositorySchema>;
export type Repository = Answer<typeof repositorySchema>;
export type RepositoryListEntry = ElementOf<Answer<typeof repositoryPageSchema>>;
export type Category = Answer<typeof categorySchema>;
export type ImmutableTagsRequest = Request<typeof immutableTagsSchema>;
export type VerifiedRule = Answer<typeof verifiedRuleSchema>;
export type MoveRepositoryRequest = Request<typeof moveRepositorySchema>;
export type DeletedTag = ElementOf<Answer<typeof deletedTagPageSchema>>;
export type DeletedRepository = ElementOf<Answer<typeof deletedRepositoryPageSchema>>;
export type RepositoryListQuery = Query<typeof repositoryListQuery>;

export type File = Answer<typeof fileSchema>;
export type FileChange = Answer<typeof fileChangeSchema>;
export type FileChangePage = Answer<typeof fileChangePageSchema>;
export type FileContent = Answer<typeof fileContentSchema>;
export type AttestationQuery = Query<typeof attestationQuery>;
export type SbomPackageQuery = Query<typeof sbomPackageQuery>;
export type FileListQuery = Query<typeof fileListQuery>;
export type FileContentQuery = Query<typeof fileContentQuery>;
export type FileChangeQuery = Query<typeof fileChangeQuery>;

export type ImageConfig = Answer<typeof imageConfigSchema>;
export type ImageAttestations = Answer<typeof imageAttestationsSchema>;
export type Provenance = Answer<typeof provenanceSchema>;
export type SbomPackage = Answer<typeof sbomPackageSchema>;
export type SbomPackagePage = Answer<typeof sbomPackagePageSchema>;
export type ImageDetail = Answer<typeof imageDetailSchema>;
export type ImageReferrer = ImageDetail['referrers'][number];
export type DeletedTags = Answer<typeof deletedTagsSchema>;
export type Tag = Answer<typeof tagSchema>;
export type TagImage = Tag['images'][number];
export type TagLayer = NonNullable<TagImage['layers']>[number];
export type TagListQuery = Query<typeof tagListQuery>;

export type SearchResult = ElementOf<Answer<typeof searchPageSchema>>;
export type SearchQuery = Query<typeof searchQuery>;
export type IndexSearchResponse = Answer<typeof indexSearchSchema>;
export type IndexSearchResult = ElementOf<IndexSearchResponse>;

export type NamespaceQuota = Answer<typeof namespaceQuotaSchema>;
export type QuotaPage = Answer<typeof quotaPageSchema>;
export type SetQuotaRequest = Request<typeof setQuotaSchema>;
export type SetQuotaDefaultRequest = Request<typeof setQuotaDefaultSchema>;
export type RetentionPolicy = Answer<typeof retentionPolicySchema>;
export type Retention = Answer<typeof retentionSchema>;
export type RetentionPreview = Answer<typeof retentionPreviewSchema>;
export type CreateReplicationRequest = Request<typeof createReplicationSchema>;
export type UpdateReplicationRequest = Request<typeof updateReplicationSchema>;
export type Replication = Answer<typeof replicationSchema>;
export type ReplicationList = Answer<typeof replicationListSchema>;
export type ReplicationItem = ElementOf<Answer<typeof replicationItemPageSchema>>;
export type ReplicationItemQuery = Query<typeof replicationItemQuery>;

export type PutWebhookRequest = Request<typeof putWebhookSchema>;
export type UpdateWebhookRequest = Request<typeof updateWebhookSchema>;
export type Webhook = Answer<typeof webhookSchema>;
export type WebhookList = Answer<typeof webhookListSchema>;
export type WebhookDeliveryList = Answer<typeof deliveryListSchema>;
export type WebhookDelivery = WebhookDeliveryList['results'][number];
export type SentDelivery = Answer<typeof sentSchema>;
