/** What the pages read and change about signing in by a provider. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ProviderLinkRequest, ProviderSignUpRequest } from '../../hub-api/types.ts';
import { signInMethodsOfDocument } from './document.ts';
import { useHub } from './hub.tsx';
import { useStartSession } from './mutations.ts';

/** How people sign in to this hub: known at once from the document, asked again when that is old. */
export function useSignInMethods() {
  const { provider } = useHub();
  return useQuery({
    queryKey: ['sign-in-methods'],
    queryFn: () => provider.signInMethods(),
    initialData: signInMethodsOfDocument,
    staleTime: 300_000,
  });
}

/** What is left to ask of who came back from the provider; null is nothing. It stays while the session begins. */
export function useProviderStep() {
  const { provider } = useHub();
  return useQuery({
    queryKey: ['session', 'step'],
    queryFn: async () => (await provider.step()) ?? null,
    staleTime: Infinity,
    gcTime: 0,
  });
}

/** For a browser that the hub has given a session already. */
export function useEnter() {
  return useMutation({ mutationFn: useStartSession() });
}

export function useSignUpByProvider() {
  const { provider } = useHub();
  const startSession = useStartSession();
  return useMutation({
    mutationFn: async (request: ProviderSignUpRequest) => {
      await provider.signUp(request);
      await startSession();
    },
  });
}

export function useLinkByPassword() {
  const { provider } = useHub();
  const startSession = useStartSession();
  return useMutation({
    mutationFn: async (request: ProviderLinkRequest) => {
      await provider.linkByPassword(request);
      await startSession();
    },
  });
}

export function useIdentity() {
  const { provider } = useHub();
  return useQuery({ queryKey: ['identity'], queryFn: () => provider.identity() });
}

/** Leaves the pages for the provider. */
export function useLinkIdentity() {
  const { provider } = useHub();
  return useMutation({
    mutationFn: async (password: string) => {
      const { url } = await provider.linkIdentity(password);
      window.location.assign(url);
    },
  });
}

export function useUnlinkIdentity() {
  const { provider } = useHub();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => provider.unlinkIdentity(),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['identity'] }),
  });
}
