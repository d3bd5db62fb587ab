/** What the page of the cache reads and changes. Part of the key `system`, as all of an administrator's. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { CachedRepositoryQuery, CachedTagQuery, PruneCacheRequest } from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

const followingInterval = 5000;

export function useCache() {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'cache'],
    queryFn: () => system.cache(),
    refetchInterval: followingInterval,
  });
}

export function useCachedRepositories(query: CachedRepositoryQuery) {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'cache', 'repositories', query],
    queryFn: () => system.cachedRepositories(query),
    placeholderData: keepPreviousData,
  });
}

export function useCachedTags(query: CachedTagQuery) {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'cache', 'tags', query],
    queryFn: () => system.cachedTags(query),
    placeholderData: keepPreviousData,
  });
}

export function useRemoveCached() {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({ mutationFn: (name: string) => system.removeCached(name), onSettled: changed });
}

export function usePruneCache() {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: PruneCacheRequest) => system.pruneCache(request),
    onSettled: changed,
  });
}

function useChanged(): () => Promise<void> {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: ['system', 'cache'] });
}
