/** What the pages change on the hub; each hook makes stale what it touched. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  ChangePasswordRequest,
  CreateAccessTokenRequest,
  CreateRepositoryRequest,
  LoginRequest,
  PasswordResetRequest,
  Repository,
  SecondFactorLoginRequest,
  SignupRequest,
  UpdateAccessTokenRequest,
  UpdateRepositoryRequest,
  UpdateUserRequest,
} from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';
import { forgetSession, rememberSession } from './session-hint.ts';

/** What one reader may see another may not: a new session starts with an empty cache. */
export function useStartSession() {
  const hub = useHub();
  const cache = useQueryClient();
  return async () => {
    rememberSession();
    const user = (await hub.currentUser()) ?? null;
    await cache.cancelQueries();
    cache.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    cache.setQueryData(['session'], user);
  };
}

export function useSignIn() {
  const hub = useHub();
  const startSession = useStartSession();
  return useMutation({
    mutationFn: async (request: LoginRequest) => {
      await hub.login(request);
      await startSession();
    },
  });
}

/** The second step, with a code of the second factor. */
export function useSignInWithCode() {
  const hub = useHub();
  const startSession = useStartSession();
  return useMutation({
    mutationFn: async (request: SecondFactorLoginRequest) => {
      await hub.loginWithCode(request);
      await startSession();
    },
  });
}

export function useResetPassword() {
  const hub = useHub();
  return useMutation({ mutationFn: (request: PasswordResetRequest) => hub.resetPassword(request) });
}

export function useChangePassword() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (request: ChangePasswordRequest) => hub.changePassword(request),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['sessions'] }),
  });
}

export function useUpdateUser() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (changes: UpdateUserRequest) => hub.updateUser(changes),
    onSuccess: (user) => {
      cache.setQueryData(['session'], user);
      return cache.invalidateQueries({ queryKey: ['user', user.username] });
    },
  });
}

export function useEndSession() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => hub.endSession(id),
    onSettled: () => cache.invalidateQueries({ queryKey: ['sessions'] }),
  });
}

export function useCreateAccessToken() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateAccessTokenRequest) => hub.createAccessToken(request),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['access-tokens'] }),
  });
}

export function useUpdateAccessToken() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ uuid, ...changes }: UpdateAccessTokenRequest & { readonly uuid: string }) =>
      hub.updateAccessToken(uuid, changes),
    onSettled: () => cache.invalidateQueries({ queryKey: ['access-tokens'] }),
  });
}

export function useDeleteAccessToken() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (uuid: string) => hub.deleteAccessToken(uuid),
    onSettled: () => cache.invalidateQueries({ queryKey: ['access-tokens'] }),
  });
}

export function useBeginSecondFactor() {
  const hub = useHub();
  return useMutation({ mutationFn: (password: string) => hub.beginSecondFactor(password) });
}

export function useConfirmSecondFactor() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => hub.confirmSecondFactor(code),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['sessions'] }),
  });
}

export function useEndSecondFactor() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => hub.endSecondFactor(code),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['second-factor'] }),
  });
}

/** A new account is signed in at once. */
export function useSignUp() {
  const hub = useHub();
  const startSession = useStartSession();
  return useMutation({
    mutationFn: async (request: SignupRequest) => {
      await hub.signup(request);
      await hub.login({ username: request.username, password: request.password });
      await startSession();
    },
  });
}

export function useSignOut() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => hub.logout(),
    onSuccess: async ({ provider_sign_out_url: url }) => {
      forgetSession();
      cache.setQueryData(['session'], null);
      // The provider asks whether its own session shall end as well.
      if (url !== undefined) window.location.assign(url);
      await cache.resetQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
    },
  });
}

export function useCreateRepository() {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (request: CreateRepositoryRequest) => hub.createRepository(request),
    onSuccess: (repository) => {
      cache.setQueryData(['repository', repository.namespace, repository.name], repository);
      return cache.invalidateQueries({ predicate: ({ queryKey }) => isList(queryKey) });
    },
  });
}

export function useUpdateRepository({ namespace, name }: Pick<Repository, 'namespace' | 'name'>) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (changes: UpdateRepositoryRequest) => hub.updateRepository(namespace, name, changes),
    onSuccess: (repository) => {
      cache.setQueryData(['repository', namespace, name], repository);
      return cache.invalidateQueries({ predicate: ({ queryKey }) => isList(queryKey) });
    },
  });
}

/** The repository's own page is left before its data goes, or it would show "not found" for a moment. */
export function useDeleteRepository({ namespace, name }: Pick<Repository, 'namespace' | 'name'>) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => hub.deleteRepository(namespace, name, `${namespace}/${name}`),
    onSuccess: () => cache.invalidateQueries({ predicate: ({ queryKey }) => isList(queryKey) }),
  });
}

export function useStar({ namespace, name }: Pick<Repository, 'namespace' | 'name'>) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (starred: boolean) => (starred ? hub.star(namespace, name) : hub.unstar(namespace, name)),
    onSettled: () => cache.invalidateQueries({ queryKey: ['repository', namespace, name] }),
  });
}

/** What stays is told, not thrown. */
export function useDeleteTags({ namespace, name }: Pick<Repository, 'namespace' | 'name'>) {
  const hub = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (tags: readonly string[]) => hub.deleteTags(namespace, name, tags),
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: ['tags', namespace, name] }),
        cache.invalidateQueries({ queryKey: ['repository', namespace, name] }),
      ]),
  });
}

function isList(queryKey: readonly unknown[]): boolean {
  return queryKey[0] === 'repositories' || queryKey[0] === 'search';
}
