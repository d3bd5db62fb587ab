/** From rows to the shapes of hub-api/types.ts. */
import type {
  IndexSearchResult,
  Repository,
  RepositoryListEntry,
  SearchResult,
  Tag,
  TagImage,
} from '../../hub-api/types.ts';
import { officialNamespace } from '../accounts/account-name.ts';
import { type Actor, isAllowed, type Relation } from '../auth/policy.ts';
import { familiarPath } from '../repositories/repository-path.ts';
import { type RepositoryDetail, visibilityOf } from '../repositories/repository-store.ts';
import type { SearchHit } from '../search/search-index.ts';
import type { ManifestSummary } from '../repositories/manifest-store.ts';
import type { TagDetail } from '../repositories/tag-store.ts';

export function presentRepositoryEntry(
  repository: RepositoryDetail,
  relation: Relation,
  mediaTypes: readonly string[],
): RepositoryListEntry {
  return {
    namespace: repository.namespace,
    name: repository.name,
    repository_type: 'image',
    status: 1,
    status_description: 'active',
    description: repository.description,
    is_private: repository.is_private === 1,
    star_count: repository.star_count,
    pull_count: repository.pull_count,
    last_updated: optionalTime(repository.last_pushed_at),
    last_modified: timeOf(repository.updated_at),
    date_registered: timeOf(repository.created_at),
    affiliation: relation === 'owner' ? 'owner' : null,
    media_types: mediaTypes,
    content_types: ['image'],
    categories: [],
    storage_size: repository.storage_size,
  };
}

export function presentRepository(
  repository: RepositoryDetail,
  actor: Actor,
  relation: Relation,
  mediaTypes: readonly string[],
  hasStarred: boolean,
): Repository {
  const { namespace } = repository;
  const target = { path: `${namespace}/${repository.name}`, visibility: visibilityOf(repository), relation };
  const may = (action: 'pull' | 'push' | 'admin'): boolean => isAllowed(actor, action, target);
  return {
    ...presentRepositoryEntry(repository, relation, mediaTypes),
    user: namespace,
    hub_user: namespace,
    is_automated: false,
    collaborator_count: 0,
    has_starred: hasStarred,
    full_description: repository.full_description,
    permissions: { read: may('pull'), write: may('push'), admin: may('admin') },
    immutable_tags_settings: { enabled: false, rules: [] },
    source: null,
  };
}

/** @param root of the manifest that the tag names; `images` are its platforms, or itself. */
export function presentTag(
  repository: { readonly namespace: string; readonly name: string; readonly id: number },
  tag: TagDetail,
  root: ManifestSummary | undefined,
  images: readonly TagImage[],
): Tag {
  const pusher = tag.pushed_by_name ?? '';
  const pushed = timeOf(tag.pushed_at);
  return {
    id: `${repository.id}:${tag.name}`,
    name: tag.name,
    digest: tag.digest,
    media_type: root?.media_type ?? '',
    content_type: 'image',
    full_size: root?.image_size ?? 0,
    images,
    creator: pusher,
    repository: `${repository.namespace}/${repository.name}`,
    last_updated: pushed,
    last_updater: pusher,
    last_updater_username: pusher,
    tag_status: 'active',
    tag_last_pushed: pushed,
    tag_last_pulled: optionalTime(tag.last_pulled_at),
    v2: true,
  };
}

export function presentImage(image: ManifestSummary): TagImage {
  return {
    os: image.os ?? 'unknown',
    architecture: image.architecture ?? 'unknown',
    variant: image.variant,
    os_version: image.os_version,
    os_features: '',
    features: '',
    digest: image.digest,
    size: image.image_size,
    status: 'active',
    last_pushed: timeOf(image.pushed_at),
    last_pulled: null,
  };
}

export function presentSearchResult(hit: SearchHit): SearchResult {
  return {
    repo_name: familiarPath(hit.namespace, hit.name),
    short_description: hit.description,
    star_count: hit.star_count,
    pull_count: hit.pull_count,
    repo_owner: hit.namespace,
    is_automated: false,
    is_official: hit.namespace === officialNamespace,
    is_private: hit.is_private === 1,
    last_updated: optionalTime(hit.last_pushed_at),
  };
}

export function presentIndexSearchResult(hit: SearchHit): IndexSearchResult {
  return {
    name: familiarPath(hit.namespace, hit.name),
    description: hit.description,
    star_count: hit.star_count,
    pull_count: hit.pull_count,
    is_official: hit.namespace === officialNamespace,
    is_automated: false,
    is_trusted: false,
  };
}

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function optionalTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timeOf(milliseconds);
}
