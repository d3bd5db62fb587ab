/** What the handlers of the JSON API use. */
import type { SystemParts } from '../administration/system-parts.ts';
import type { SignInParts } from '../accounts/sign-in.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import type { InvitationStore } from '../accounts/invitation-store.ts';
import type { SecondFactorStore } from '../accounts/second-factor-store.ts';
import type { SignUpMode } from '../access-config.ts';
import type { SessionStore } from '../accounts/session-store.ts';
import type { TokenIssuer } from '../auth/token.ts';
import type { GrantStore } from '../organizations/grant-store.ts';
import type { MemberStore } from '../organizations/member-store.ts';
import type { OrganizationStore } from '../organizations/organization-store.ts';
import type { TeamStore } from '../organizations/team-store.ts';
import type { ActivityRecorder } from '../activity/activity-recorder.ts';
import type { ActivityStore } from '../activity/activity-store.ts';
import type { LiveFeeds } from '../live/live-feeds.ts';
import type { RightsStore } from '../auth/rights-store.ts';
import type { HubDatabase } from '../db/database.ts';
import type { BlobStore } from '../repositories/blob-store.ts';
import type { CategoryStore } from '../repositories/category-store.ts';
import type { DeletedRepositoryStore } from '../repositories/deleted-repository-store.ts';
import type { DeletedTagStore } from '../repositories/deleted-tag-store.ts';
import type { ImageAttestations } from '../attestations/image-attestations.ts';
import type { ImageFiles } from '../files/image-files.ts';
import type { ManifestStore } from '../repositories/manifest-store.ts';
import type { NamespaceStorage } from '../repositories/namespace-storage.ts';
import type { PullStore } from '../repositories/pull-store.ts';
import type { RedirectStore } from '../repositories/redirect-store.ts';
import type { RepositoryStore } from '../repositories/repository-store.ts';
import type { StarStore } from '../repositories/star-store.ts';
import type { TagStore } from '../repositories/tag-store.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';

export interface ApiParts extends SignInParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  readonly sessions: SessionStore;
  readonly secondFactors: SecondFactorStore;
  readonly invitations: InvitationStore;
  readonly organizations: OrganizationStore;
  readonly members: MemberStore;
  readonly teams: TeamStore;
  readonly grants: GrantStore;
  readonly signUpMode: SignUpMode;
  readonly limits: RequestLimits;
  readonly tokens: TokenIssuer;
  readonly repositories: RepositoryStore;
  readonly redirects: RedirectStore;
  readonly deletedRepositories: DeletedRepositoryStore;
  readonly deletedTags: DeletedTagStore;
  readonly categories: CategoryStore;
  readonly pullStatistics: PullStore;
  readonly namespaceStorage: NamespaceStorage;
  readonly activities: ActivityStore;
  readonly activityRecorder: ActivityRecorder;
  readonly liveFeeds: LiveFeeds;
  /** In milliseconds: how long what was deleted can be brought back. */
  readonly grace: number;
  readonly rights: RightsStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
  readonly files: ImageFiles;
  readonly attestations: ImageAttestations;
  readonly stars: StarStore;
  readonly system: SystemParts;
  /** The hub's own address as the client sees it, without a slash at its end. */
  readonly originOf: (request: Request) => string;
}
