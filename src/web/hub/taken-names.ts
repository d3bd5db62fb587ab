/** Whether a name is taken, asked while it is typed. The hub decides when it is made: this only spares a disappointment. */
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { NotFoundError } from '../../lib/errors.ts';
import { useHub } from './hub.tsx';

const typingPause = 300;

/** @param name '' is not asked about. */
export function useIsAccountTaken(name: string): boolean {
  const hub = useHub();
  return useIsThere(['taken', name], name, async () => {
    await hub.user(name);
    return true;
  });
}

/** @param name '' is not asked about. */
export function useIsRepositoryTaken(namespace: string, name: string): boolean {
  const hub = useHub();
  return useIsThere(['taken', namespace, name], name, async () => {
    const found = await hub.repository(namespace, name);
    // A name that only leads elsewhere is free.
    return found.namespace === namespace && found.name === name;
  });
}

function useIsThere(queryKey: readonly string[], name: string, look: () => Promise<boolean>): boolean {
  const [settled] = useDebouncedValue(name, typingPause);
  const found = useQuery({
    queryKey,
    queryFn: async () => {
      try {
        return await look();
      } catch (error) {
        if (error instanceof NotFoundError) return false;
        throw error;
      }
    },
    enabled: name !== '' && settled === name,
    retry: false,
    gcTime: 0,
  });
  return found.data === true;
}
