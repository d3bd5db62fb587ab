/** What the owner of a repository decides, for the pages: who has rights on it, its name, which tags never move, what comes back. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RepositoryAddress } from '../../hub-api/grants-client.ts';
import type {
  ImmutableTagsRequest,
  MoveRepositoryRequest,
  PageQuery,
  Permission,
  Repository,
} from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

export function useCollaborators(repository: RepositoryAddress, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: [...rightsOn(repository), 'collaborators', query],
    queryFn: () => hub.grants.collaborators(repository, query),
    placeholderData: keepPreviousData,
  });
}

/** A right for somebody; undefined: none any more. */
interface CollaboratorRight {
  readonly user: string;
  readonly permission: Permission | undefined;
}

export function useSetCollaborator(repository: RepositoryAddress) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ user, permission }: CollaboratorRight): Promise<void> => {
      if (permission === undefined) await hub.grants.removeCollaborator(repository, user);
      else await hub.grants.putCollaborator(repository, user, permission);
    },
    onSettled: () => cache.invalidateQueries({ queryKey: rightsOn(repository) }),
  });
}

export function useTeamGrants(repository: RepositoryAddress, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: [...rightsOn(repository), 'teams', query],
    queryFn: () => hub.grants.teams(repository, query),
    placeholderData: keepPreviousData,
  });
}

/** A right for a team; undefined: none any more. */
interface TeamRightHere {
  readonly teamId: number;
  readonly permission: Permission | undefined;
}

export function useSetTeamGrant(repository: RepositoryAddress) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({ teamId, permission }: TeamRightHere): Promise<void> => {
      if (permission === undefined) await hub.grants.removeTeam(repository, teamId);
      else await hub.grants.putTeam(repository, teamId, permission);
    },
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: rightsOn(repository) }),
        cache.invalidateQueries({ queryKey: ['organization', repository.namespace, 'team'] }),
      ]),
  });
}

export function useCategories() {
  const hub = useHub();
  return useQuery({
    queryKey: ['categories'],
    queryFn: () => hub.repositorySettings.categories(),
    staleTime: Infinity,
  });
}

export function useSetCategories(repository: RepositoryAddress) {
  const hub = useHub();
  return useChanged(repository, (slugs: readonly string[]) =>
    hub.repositorySettings.setCategories(repository, slugs),
  );
}

export function useSetImmutableTags(repository: RepositoryAddress) {
  const hub = useHub();
  return useChanged(repository, (request: ImmutableTagsRequest) =>
    hub.repositorySettings.setImmutableTags(repository, request),
  );
}

/** Which tags a rule matches. @param rule '' is not asked about. */
export function useVerifiedRule(repository: RepositoryAddress, rule: string) {
  const hub = useHub();
  return useQuery({
    queryKey: ['tags', repository.namespace, repository.name, 'matching', rule],
    queryFn: () => hub.repositorySettings.verifyRule(repository, rule),
    enabled: rule !== '',
    retry: false,
  });
}

/** It has another page afterwards, which is to be opened: under the old name it would be looked for anew. */
export function useMoveRepository(repository: RepositoryAddress) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (request: MoveRepositoryRequest) => hub.repositorySettings.move(repository, request),
    onSuccess: (moved) => {
      cache.setQueryData(['repository', moved.namespace, moved.name], moved);
      return cache.invalidateQueries({ predicate: ({ queryKey }) => isList(queryKey) });
    },
  });
}

export function useDeletedTags(repository: RepositoryAddress, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['tags', repository.namespace, repository.name, 'deleted', query],
    queryFn: () => hub.deleted.tags(repository, query),
    placeholderData: keepPreviousData,
  });
}

export function useRestoreTag(repository: RepositoryAddress) {
  const hub = useHub();
  const cache = useQueryClient();
  const { namespace, name } = repository;
  return useMutation({
    mutationFn: (id: string) => hub.deleted.restoreTag(repository, id),
    // Not waited for: the row that restores goes, and would not tell any more that it worked.
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: ['tags', namespace, name] });
      void cache.invalidateQueries({ queryKey: ['repository', namespace, name] });
    },
  });
}

export function useDeletedRepositories(namespace: string, query: PageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['repositories', namespace, 'deleted', query],
    queryFn: () => hub.deleted.repositories(namespace, query),
    placeholderData: keepPreviousData,
  });
}

interface Restoration {
  readonly id: string;
  /** Where its own name is taken. */
  readonly name?: string;
}

export function useRestoreRepository(namespace: string) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name }: Restoration) => hub.deleted.restoreRepository(namespace, id, name),
    onSuccess: (repository) => {
      cache.setQueryData(['repository', repository.namespace, repository.name], repository);
      // Not waited for, as above.
      void cache.invalidateQueries({ predicate: ({ queryKey }) => isList(queryKey) });
    },
  });
}

function useChanged<T>(
  { namespace, name }: RepositoryAddress,
  change: (variables: T) => Promise<Repository>,
) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (repository) => cache.setQueryData(['repository', namespace, name], repository),
  });
}

function rightsOn({ namespace, name }: RepositoryAddress): readonly string[] {
  return ['rights', namespace, name];
}

function isList(queryKey: readonly unknown[]): boolean {
  return queryKey[0] === 'repositories' || queryKey[0] === 'search';
}
