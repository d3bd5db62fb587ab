/** Quotas, retention and replication for the pages: what is read and what is changed. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { RetentionScope } from '../../hub-api/rules-client.ts';
import type {
  CreateReplicationRequest,
  PageQuery,
  ReplicationItemQuery,
  RetentionPolicy,
  UpdateReplicationRequest,
} from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

/** While something goes on, and otherwise. */
const watchingInterval = 1000;
const followingInterval = 15_000;

export function useQuota(namespace: string) {
  const { rules } = useHub();
  return useQuery({ queryKey: ['quota', namespace], queryFn: () => rules.quota(namespace), retry: false });
}

export function useQuotas(query: PageQuery) {
  const { rules } = useHub();
  return useQuery({
    queryKey: ['quota', 'all', query],
    queryFn: () => rules.quotas(query),
    placeholderData: keepPreviousData,
  });
}

/** Null: no limit. */
export interface QuotaLimits {
  readonly bytes: number | null;
  readonly repositories: number | null;
  readonly privateRepositories: number | null;
}

/** A namespace's, or without one that of new accounts. What is left out stays as it is. */
interface QuotaChange extends Partial<QuotaLimits> {
  readonly namespace?: string;
}

export function useSetQuota() {
  const { rules } = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async ({
      namespace,
      bytes,
      repositories,
      privateRepositories,
    }: QuotaChange): Promise<void> => {
      if (namespace === undefined) {
        await rules.setQuotaDefault({
          default_bytes: bytes,
          default_repositories: repositories,
          default_private_repositories: privateRepositories,
        });
      } else {
        await rules.setQuota(namespace, {
          max_bytes: bytes,
          max_repositories: repositories,
          max_private_repositories: privateRepositories,
        });
      }
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ['quota'] }),
  });
}

export function useRetention(scope: RetentionScope) {
  const { rules } = useHub();
  return useQuery({
    queryKey: keyOf(scope),
    queryFn: () => rules.retention(scope),
    refetchInterval: ({ state }) => (state.data?.runs[0]?.ended_at === null ? watchingInterval : false),
  });
}

export function useSetRetention(scope: RetentionScope) {
  const { rules } = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (policy: RetentionPolicy) => rules.setRetention(scope, policy),
    onSuccess: (retention) => cache.setQueryData(keyOf(scope), retention),
  });
}

export function useRemoveRetention(scope: RetentionScope) {
  const { rules } = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => rules.removeRetention(scope),
    onSettled: () => cache.invalidateQueries({ queryKey: keyOf(scope) }),
  });
}

export function usePreviewRetention(scope: RetentionScope) {
  const { rules } = useHub();
  return useMutation({ mutationFn: (policy: RetentionPolicy) => rules.previewRetention(scope, policy) });
}

export function useRunRetention(scope: RetentionScope) {
  const { rules } = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => rules.runRetention(scope),
    onSettled: () => cache.invalidateQueries({ queryKey: keyOf(scope) }),
  });
}

export function useReplications() {
  const { rules } = useHub();
  return useQuery({
    queryKey: ['replication'],
    queryFn: () => rules.replications(),
    refetchInterval: ({ state }) =>
      state.data?.results.some(({ waiting, failed }) => waiting > failed)
        ? watchingInterval
        : followingInterval,
  });
}

export function useReplicationItems(id: number, query: ReplicationItemQuery, isBusy: boolean) {
  const { rules } = useHub();
  return useQuery({
    queryKey: ['replication', id, 'items', query],
    queryFn: () => rules.replicationItems(id, query),
    placeholderData: keepPreviousData,
    refetchInterval: isBusy ? watchingInterval : followingInterval,
  });
}

export function useCreateReplication() {
  const { rules } = useHub();
  return useReplicationChange((request: CreateReplicationRequest) => rules.createReplication(request));
}

export function useUpdateReplication(id: number) {
  const { rules } = useHub();
  return useReplicationChange((changes: UpdateReplicationRequest) => rules.updateReplication(id, changes));
}

export function useRemoveReplication(id: number) {
  const { rules } = useHub();
  return useReplicationChange(() => rules.removeReplication(id));
}

export function useRunReplication(id: number) {
  const { rules } = useHub();
  return useReplicationChange(() => rules.runReplication(id));
}

function useReplicationChange<T, R>(change: (variables: T) => Promise<R>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => cache.invalidateQueries({ queryKey: ['replication'] }),
  });
}

function keyOf({ namespace, name }: RetentionScope): readonly string[] {
  return ['retention', namespace, ...(name === undefined ? [] : [name])];
}
