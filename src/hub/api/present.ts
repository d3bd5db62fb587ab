/** From rows to the shapes of hub-api/types.ts. */
import type { IndexSearchResult, SearchResult, Tag, TagImage } from '../../hub-api/types.ts';
import { officialNamespace } from '../accounts/account-name.ts';
import { familiarPath } from '../repositories/repository-path.ts';
import type { SearchHit } from '../search/search-repositories.ts';
import type { ManifestSummary } from '../repositories/manifest-store.ts';
import type { TagDetail } from '../repositories/tag-store.ts';

/** @param root of the manifest that the tag names; `images` are its platforms, or itself. */
export function presentTag(
  repository: { readonly namespace: string; readonly name: string; readonly id: number },
  tag: TagDetail,
  root: ManifestSummary | undefined,
  images: readonly TagImage[],
  immutable: boolean,
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
    pull_count: tag.pull_count,
    immutable,
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
    last_pulled: optionalTime(image.last_pulled_at),
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
