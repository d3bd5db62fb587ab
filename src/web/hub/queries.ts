/**
 * What the pages read from the hub, one hook per question. Keys start with the thing's noun, so that a change makes stale what
 * it touches: `repository`, `repositories`, `tags`, `tag`, `search`, `user`, `session`.
 */
import {
  keepPreviousData,
  type QueryObserverLoadingErrorResult,
  type QueryObserverRefetchErrorResult,
  useQuery,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { ImageAddress } from '../../hub-api/client.ts';
import type {
  ActivityQuery,
  AttestationQuery,
  FileChangeQuery,
  FileContentQuery,
  FileListQuery,
  RepositoryListQuery,
  SbomPackageQuery,
  SearchQuery,
  TagListQuery,
} from '../../hub-api/types.ts';
import { UnavailableError } from '../../lib/errors.ts';
import type { ApiDocument } from '../api-document/document.ts';
import { officialNamespace } from '../routes.ts';
import { useHub } from './hub.tsx';
import { forgetSession, mayHaveSession } from './session-hint.ts';
import { imageOfDigest, imageOfTag, isDigest } from './shown-image.ts';

/** An empty repository is somebody waiting for a push; other pages only keep up. */
const waitingInterval = 2_000;
const followingInterval = 15_000;

/** True when a page has to show the error: a connection that drops leaves what was shown before, a refusal does not. */
export function isFailed<T>(
  query: UseQueryResult<T>,
): query is QueryObserverLoadingErrorResult<T> | QueryObserverRefetchErrorResult<T> {
  return query.isError && !(query.data !== undefined && query.error instanceof UnavailableError);
}

/** Who is signed in; null is nobody. Somebody who never signed in here is not asked about. */
export function useSession() {
  const hub = useHub();
  return useQuery({
    queryKey: ['session'],
    queryFn: async () => {
      if (!mayHaveSession()) return null;
      const user = (await hub.currentUser()) ?? null;
      if (!user) forgetSession();
      return user;
    },
    staleTime: 60_000,
  });
}

export function useAccessTokens() {
  const hub = useHub();
  return useQuery({ queryKey: ['access-tokens'], queryFn: () => hub.accessTokens() });
}

export function useSessions() {
  const hub = useHub();
  return useQuery({ queryKey: ['sessions'], queryFn: () => hub.sessions() });
}

export function useSecondFactor() {
  const hub = useHub();
  return useQuery({ queryKey: ['second-factor'], queryFn: () => hub.secondFactor() });
}

/** The namespace of official images belongs to no account. */
export function useAccount(name: string) {
  const hub = useHub();
  return useQuery({
    queryKey: ['user', name],
    queryFn: async () => (name === officialNamespace ? null : hub.user(name)),
  });
}

export function useRepositories(namespace: string | undefined, query: RepositoryListQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['repositories', namespace, query],
    queryFn: () => hub.repositories(namespace ?? '', query),
    enabled: namespace !== undefined,
    placeholderData: keepPreviousData,
  });
}

export function useRepository(namespace: string, name: string) {
  const hub = useHub();
  return useQuery({
    queryKey: ['repository', namespace, name],
    queryFn: () => hub.repository(namespace, name),
    refetchInterval: (query) =>
      query.state.data?.last_updated === null ? waitingInterval : followingInterval,
  });
}

export function useTags(namespace: string, name: string, query: TagListQuery, enabled = true) {
  const hub = useHub();
  return useQuery({
    queryKey: ['tags', namespace, name, query],
    queryFn: () => hub.tags(namespace, name, query),
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.count === 0 ? waitingInterval : followingInterval),
  });
}

/** @param reference a tag, or the digest of an image. */
export function useTag(namespace: string, name: string, reference: string) {
  const hub = useHub();
  return useQuery({
    queryKey: ['tag', namespace, name, reference],
    queryFn: async () =>
      isDigest(reference)
        ? imageOfDigest(await hub.image({ namespace, name, digest: reference }))
        : imageOfTag(await hub.tag(namespace, name, reference)),
    refetchInterval: followingInterval,
  });
}

/** What else is known of an image: the tags that name it, what only it needs, what was said about it. */
export function useImage(image: ImageAddress) {
  const hub = useHub();
  return useQuery({
    queryKey: ['image', image],
    queryFn: () => hub.image(image),
    refetchInterval: followingInterval,
  });
}

export function useActivity(namespace: string, name: string, query: ActivityQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['activity', namespace, name, query],
    queryFn: () => hub.activity(namespace, name, query),
    placeholderData: keepPreviousData,
    refetchInterval: followingInterval,
  });
}

export function useOwnActivity(query: ActivityQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['own-activity', query],
    queryFn: () => hub.ownActivity(query),
    refetchInterval: followingInterval,
  });
}

export function useOwnStorage() {
  const hub = useHub();
  return useQuery({ queryKey: ['storage'], queryFn: () => hub.ownStorage() });
}

export function useRecentRepositories(count: number) {
  const hub = useHub();
  return useQuery({
    queryKey: ['recent', count],
    queryFn: () => hub.recentRepositories(count),
    refetchInterval: followingInterval,
  });
}

export function usePulls(namespace: string, name: string, days: number) {
  const hub = useHub();
  return useQuery({
    queryKey: ['pulls', namespace, name, days],
    queryFn: () => hub.pulls(namespace, name, { days }),
    placeholderData: keepPreviousData,
  });
}

/** What is under a digest stays as it is. */
const forever = { staleTime: Infinity, retry: false } as const;

export function useAttestations(image: ImageAddress, query: AttestationQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['attestations', image, query],
    queryFn: () => hub.attestations(image, query),
    refetchInterval: followingInterval,
  });
}

export function usePackages(image: ImageAddress, query: SbomPackageQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['packages', image, query],
    queryFn: () => hub.packages(image, query),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function useFiles(image: ImageAddress, query: FileListQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['files', image, query],
    queryFn: () => hub.files(image, query),
    placeholderData: keepPreviousData,
    ...forever,
  });
}

export function useFileContent(image: ImageAddress, query: FileContentQuery, enabled = true) {
  const hub = useHub();
  return useQuery({
    queryKey: ['file-content', image, query],
    queryFn: () => hub.fileContent(image, query),
    enabled,
    ...forever,
  });
}

export function useFileChanges(image: ImageAddress, query: FileChangeQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['file-changes', image, query],
    queryFn: () => hub.fileChanges(image, query),
    placeholderData: keepPreviousData,
    ...forever,
  });
}

/** It changes with the hub's version only. */
export function useApiDocument() {
  const hub = useHub();
  return useQuery({
    queryKey: ['api'],
    queryFn: () => hub.apiDocument<ApiDocument>(),
    staleTime: Infinity,
  });
}

export function useSearch(query: SearchQuery) {
  const hub = useHub();
  return useQuery({
    queryKey: ['search', query],
    queryFn: () => hub.search(query),
    placeholderData: keepPreviousData,
  });
}
