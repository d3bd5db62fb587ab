/**
 * What the hub is made of, opened over one data directory: used by the service, and by the verbs of the shell (`cais hub user`,
 * `cais hub seed`) while it serves.
 */
import { mkdir } from 'node:fs/promises';
import type { Log } from '../lib/log.ts';
import { CollectionStore } from './administration/collection-store.ts';
import { AccessTokenStore } from './accounts/access-token-store.ts';
import { AccountStore } from './accounts/account-store.ts';
import { InvitationStore } from './accounts/invitation-store.ts';
import { SecondFactorStore } from './accounts/second-factor-store.ts';
import { SessionStore } from './accounts/session-store.ts';
import { GrantStore } from './organizations/grant-store.ts';
import { MemberStore } from './organizations/member-store.ts';
import { OrganizationStore } from './organizations/organization-store.ts';
import { TeamStore } from './organizations/team-store.ts';
import { RightsStore } from './auth/rights-store.ts';
import { type Actor, shell } from './audit/current-actor.ts';
import { WebhookStore } from './webhooks/webhook-store.ts';
import { AuditStore } from './audit/audit-store.ts';
import { ActivityStore } from './activity/activity-store.ts';
import type { HubConfig } from './config.ts';
import type { HubDatabase } from './db/database.ts';
import { openDatabase } from './db/open-database.ts';
import { Changes } from './changes.ts';
import { Events } from './events.ts';
import { HoldStore } from './keeping/hold-store.ts';
import { GroupGrantStore } from './oidc/group-grant-store.ts';
import { IdentityStore } from './oidc/identity-store.ts';
import { StepStore } from './oidc/step-store.ts';
import { CategoryStore } from './repositories/category-store.ts';
import { DeletedRepositoryStore } from './repositories/deleted-repository-store.ts';
import { DeletedTagStore } from './repositories/deleted-tag-store.ts';
import { BlobStore } from './repositories/blob-store.ts';
import { GarbageStore } from './repositories/garbage-store.ts';
import { ManifestStore } from './repositories/manifest-store.ts';
import { PullStore } from './repositories/pull-store.ts';
import { RedirectStore } from './repositories/redirect-store.ts';
import { RepositoryStore } from './repositories/repository-store.ts';
import { StarStore } from './repositories/star-store.ts';
import { type Blobs, openBlobs } from './storage/open-blobs.ts';
import { QuotaStore } from './quotas/quota-store.ts';
import { RetentionStore } from './retention/retention-store.ts';
import { ReplicationQueue } from './replication/replication-queue.ts';
import { ReplicationStore } from './replication/replication-store.ts';
import { Secrets } from './secrets/secrets.ts';
import { TagStore } from './repositories/tag-store.ts';
import { StatementWatch } from './watching/statement-watch.ts';

export interface HubParts extends AsyncDisposable, Blobs {
  readonly database: HubDatabase;
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly accessTokens: AccessTokenStore;
  readonly secondFactors: SecondFactorStore;
  readonly invitations: InvitationStore;
  readonly identities: IdentityStore;
  readonly steps: StepStore;
  readonly groupGrants: GroupGrantStore;
  readonly organizations: OrganizationStore;
  readonly members: MemberStore;
  readonly teams: TeamStore;
  readonly grants: GrantStore;
  readonly repositories: RepositoryStore;
  readonly redirects: RedirectStore;
  readonly deletedRepositories: DeletedRepositoryStore;
  readonly deletedTags: DeletedTagStore;
  readonly categories: CategoryStore;
  readonly pullStatistics: PullStore;
  readonly activities: ActivityStore;
  readonly audit: AuditStore;
  readonly webhooks: WebhookStore;
  readonly rights: RightsStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
  readonly stars: StarStore;
  readonly garbage: GarbageStore;
  readonly collections: CollectionStore;
  readonly quotas: QuotaStore;
  readonly retention: RetentionStore;
  readonly replications: ReplicationStore;
  readonly replicationQueue: ReplicationQueue;
  readonly secrets: Secrets;
  readonly holds: HoldStore;
  readonly events: Events;
  readonly changes: Changes;
}

interface OpenOptions {
  /** Who acts where no request is answered. */
  readonly self?: Actor;
  /** NotFoundError where there is no hub; else what is absent is made. */
  readonly mustExist?: boolean;
}

/** Opens the stores. Close with `await using`. */
export async function openHubParts(
  config: HubConfig,
  log: Log,
  { self = shell, mustExist = false }: OpenOptions = {},
): Promise<HubParts> {
  const events = new Events(log);
  const { metrics } = events;
  const system = config.postgres ? 'postgresql' : 'sqlite';
  const database = await openDatabase(config, {
    onAway: ({ message }) => log.warn({ error: message }, 'waiting for the database'),
    onMoved: (message) => log.warn(message),
    statements: new StatementWatch({ metrics, log, system, slow: config.watching.slowQuery }),
    mustExist,
  });
  await mkdir(config.directory, { recursive: true, mode: 0o700 });
  return {
    database,
    ...(await openBlobs(config, metrics)),
    accounts: new AccountStore(database),
    sessions: new SessionStore(database),
    accessTokens: new AccessTokenStore(database),
    secondFactors: new SecondFactorStore(database),
    invitations: new InvitationStore(database),
    identities: new IdentityStore(database),
    steps: new StepStore(database),
    groupGrants: new GroupGrantStore(database),
    organizations: new OrganizationStore(database),
    members: new MemberStore(database),
    teams: new TeamStore(database),
    grants: new GrantStore(database),
    repositories: new RepositoryStore(database),
    redirects: new RedirectStore(database),
    deletedRepositories: new DeletedRepositoryStore(database),
    deletedTags: new DeletedTagStore(database),
    categories: new CategoryStore(database),
    pullStatistics: new PullStore(database),
    activities: new ActivityStore(database),
    audit: new AuditStore(database),
    webhooks: new WebhookStore(database),
    rights: new RightsStore(database),
    blobs: new BlobStore(database),
    manifests: new ManifestStore(database),
    tags: new TagStore(database),
    stars: new StarStore(database),
    garbage: new GarbageStore(database),
    collections: new CollectionStore(database),
    quotas: new QuotaStore(database),
    retention: new RetentionStore(database),
    replications: new ReplicationStore(database),
    replicationQueue: new ReplicationQueue(database),
    secrets: new Secrets(config),
    events,
    changes: new Changes(database, events, self),
    holds: new HoldStore(database),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}
