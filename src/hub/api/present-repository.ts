/** From rows of repositories to the shapes of hub-api/schemas. */
import type { Repository, RepositoryListEntry } from '../../hub-api/types.ts';
import { categories as allCategories } from '../../hub-api/schemas/categories.ts';
import { type Actor, isAllowed, type Relation } from '../auth/policy.ts';
import { parseRules } from '../repositories/immutable-tags.ts';
import { type RepositoryDetail, visibilityOf } from '../repositories/repository-store.ts';
import { optionalTime, timeOf } from './present.ts';

/** What is told of a repository beyond its row. */
interface About {
  /** Of the caller. */
  readonly relation: Relation;
  readonly mediaTypes: readonly string[];
  /** Slugs. */
  readonly categories: readonly string[];
}

export function presentRepositoryEntry(repository: RepositoryDetail, about: About): RepositoryListEntry {
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
    affiliation: about.relation === 'owner' ? 'owner' : null,
    media_types: about.mediaTypes,
    content_types: ['image'],
    categories: allCategories.filter(({ slug }) => about.categories.includes(slug)),
    storage_size: repository.storage_size,
  };
}

export function presentRepository(
  repository: RepositoryDetail,
  actor: Actor,
  about: About & { readonly hasStarred: boolean },
): Repository {
  const { namespace } = repository;
  const target = {
    path: `${namespace}/${repository.name}`,
    visibility: visibilityOf(repository),
    relation: about.relation,
  };
  const may = (action: 'pull' | 'push' | 'admin'): boolean => isAllowed(actor, action, target);
  return {
    ...presentRepositoryEntry(repository, about),
    user: namespace,
    hub_user: namespace,
    is_automated: false,
    collaborator_count: repository.collaborator_count,
    has_starred: about.hasStarred,
    full_description: repository.full_description,
    permissions: { read: may('pull'), write: may('push'), admin: may('admin') },
    immutable_tags_settings: {
      enabled: repository.immutable_tags === 1,
      rules: parseRules(repository.immutable_rules),
    },
    source: null,
  };
}
