/** The hub's API for the components: one client whose session is the browser's cookie, and the cache of what it answered. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { HubClient } from '../../hub-api/client.ts';
import { HubRateLimitError } from '../../hub-api/client-errors.ts';
import { UnauthorizedError, UnavailableError } from '../../lib/errors.ts';
import { forgetSession } from './session-hint.ts';

const HubContext = createContext<HubClient | undefined>(undefined);

/** A connection that drops is tried again; a refusal is final. */
function shouldRetry(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof UnavailableError && !(error instanceof HubRateLimitError);
}

/** A session that has ended on the hub has ended here, too. */
function createCache(): QueryClient {
  const onError = (error: Error) => {
    if (!(error instanceof UnauthorizedError)) return;
    forgetSession();
    cache.setQueryData(['session'], null);
  };
  const cache = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: shouldRetry, staleTime: 5_000 },
      mutations: { retry: false },
    },
  });
  return cache;
}

export function HubProvider({ children }: { readonly children: ReactNode }) {
  const [hub] = useState(() => new HubClient({ baseUrl: '' }));
  const [cache] = useState(createCache);
  return (
    <HubContext value={hub}>
      <QueryClientProvider client={cache}>{children}</QueryClientProvider>
    </HubContext>
  );
}

export function useHub(): HubClient {
  const hub = useContext(HubContext);
  if (!hub) throw new UnavailableError('cannot use the hub outside of <HubProvider>');
  return hub;
}
