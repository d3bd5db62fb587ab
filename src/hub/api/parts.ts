/** What the handlers of the JSON API use. */
import type { SignInParts } from '../accounts/sign-in.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import type { InvitationStore } from '../accounts/invitation-store.ts';
import type { SecondFactorStore } from '../accounts/second-factor-store.ts';
import type { SignUpMode } from '../access-config.ts';
import type { SessionStore } from '../accounts/session-store.ts';
import type { TokenIssuer } from '../auth/token.ts';
import type { RightsStore } from '../auth/rights-store.ts';
import type { HubDatabase } from '../db/database.ts';
import type { BlobStore } from '../repositories/blob-store.ts';
import type { ManifestStore } from '../repositories/manifest-store.ts';
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
  readonly signUpMode: SignUpMode;
  readonly limits: RequestLimits;
  readonly tokens: TokenIssuer;
  readonly repositories: RepositoryStore;
  readonly rights: RightsStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
  readonly stars: StarStore;
  /** The hub's own address as the client sees it, without a slash at its end. */
  readonly originOf: (request: Request) => string;
}
