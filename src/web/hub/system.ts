/** What the pages of an administrator read and change. All of it is below the key `system`. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  AdministeredUserQuery,
  AdministerUserRequest,
  CollectGarbageRequest,
  PageQuery,
} from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

/** While garbage is collected, and otherwise: the clock may begin. */
const watchingInterval = 1000;
const followingInterval = 15_000;

export function useUsers(query: AdministeredUserQuery) {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'users', query],
    queryFn: () => system.users(query),
    placeholderData: keepPreviousData,
  });
}

export function useInvitations() {
  const { system } = useHub();
  return useQuery({ queryKey: ['system', 'invitations'], queryFn: () => system.invitations() });
}

export function useStorage(query: PageQuery) {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'storage', query],
    queryFn: () => system.storage(query),
    placeholderData: keepPreviousData,
  });
}

export function useGarbage() {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'garbage'],
    queryFn: () => system.garbage(),
    refetchInterval: ({ state }) => (state.data?.running ? watchingInterval : followingInterval),
  });
}

export function useSettings() {
  const { system } = useHub();
  return useQuery({ queryKey: ['system', 'settings'], queryFn: () => system.settings() });
}

export function useFailures() {
  const { system } = useHub();
  return useQuery({
    queryKey: ['system', 'failures'],
    queryFn: () => system.failures(),
    refetchInterval: followingInterval,
  });
}

export function useUpdateUser(name: string) {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({
    mutationFn: (changes: AdministerUserRequest) => system.updateUser(name, changes),
    onSettled: changed,
  });
}

export function useResetPasswordOf(name: string) {
  const { system } = useHub();
  return useMutation({ mutationFn: () => system.resetPassword(name) });
}

export function useInvite() {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({
    mutationFn: (email: string | undefined) => system.invite(email),
    onSuccess: changed,
  });
}

export function useTakeBackInvitation() {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({ mutationFn: (id: string) => system.takeBackInvitation(id), onSettled: changed });
}

export function useCollectGarbage() {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({
    mutationFn: (request: CollectGarbageRequest) => system.collectGarbage(request),
    onSettled: changed,
  });
}

export function useStopCollecting() {
  const { system } = useHub();
  const changed = useChanged();
  return useMutation({ mutationFn: () => system.stopCollecting(), onSettled: changed });
}

function useChanged(): () => Promise<void> {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: ['system'] });
}
