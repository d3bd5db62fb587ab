/** What a handler gets: the request, admitted and parsed as far as all have it in common; and the parts that handlers use. */
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { Actor } from '../auth/policy.ts';
import type { Changes } from '../changes.ts';
import type { HubDatabase } from '../db/database.ts';
import type { Events } from '../events.ts';
import type { RequestLimits } from '../limits/request-limits.ts';
import type { QuotaStore } from '../quotas/quota-store.ts';
import type { BlobStore } from '../repositories/blob-store.ts';
import type { ManifestStore } from '../repositories/manifest-store.ts';
import type { PullCounter } from '../repositories/pull-counter.ts';
import type { RepositoryPath } from '../repositories/repository-path.ts';
import type { RepositoryKey, RepositoryStore } from '../repositories/repository-store.ts';
import type { TagStore } from '../repositories/tag-store.ts';
import type { UpstreamCache } from '../upstream/upstream-cache.ts';
import type { UpstreamPlace } from '../upstream/upstreams.ts';
import { RegistryFailure } from './failure.ts';
import type { GateParts } from './gate.ts';
import type { Arrivals } from './arrivals.ts';

/** A store of blobs that clients may be sent to. */
export interface DirectDownloads {
  /** Where the blob is to be had without us, for a while, by whoever knows the address. */
  addressOf(digest: Digest): Promise<string>;
}

export interface RegistryParts extends GateParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
  /** Undefined: blobs come from us. */
  readonly directDownloads: DirectDownloads | undefined;
  readonly repositories: RepositoryStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
  readonly quotas: QuotaStore;
  readonly pulls: PullCounter;
  readonly limits: RequestLimits;
  readonly events: Events;
  readonly changes: Changes;
  readonly arrivals: Arrivals;
  readonly cache: UpstreamCache;
  /** The hub's own address as the client sees it. */
  readonly originOf: (request: Request) => string;
}

export interface Exchange {
  readonly request: Request;
  readonly url: URL;
  readonly path: RepositoryPath;
  readonly actor: Actor;
  readonly repository: RepositoryKey | undefined;
  /** Where it is instead, when it isn't there. */
  readonly upstream: UpstreamPlace | undefined;
}

/** The repository, where there has to be one. @throws RegistryFailure NAME_UNKNOWN */
export function requireRepository({ repository, path }: Exchange): RepositoryKey {
  if (repository) return repository;
  throw new RegistryFailure('NAME_UNKNOWN', 'repository name not known to registry', { name: path.path });
}

/** The account that writes; the policy lets nobody write without one. */
export function requireAccount({ actor }: Exchange): { readonly id: number; readonly name: string } {
  if (actor.kind === 'account') return actor;
  throw new RegistryFailure('DENIED', 'requested access to the resource is denied');
}
