/** Says that what is shown may be old: the hub did not answer when a page asked again. Goes away by itself. */
import { Alert } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { UnavailableError } from '../../lib/errors.ts';

export function ConnectionNotice() {
  const { t } = useTranslation();
  if (!useIsStale()) return null;
  return (
    <div className="column">
      <Alert
        role="status"
        color="orange"
        variant="light"
        mt="md"
        icon={<IconPlugConnectedX aria-hidden />}
        title={t('failure.unreachableTitle')}
      >
        {t('failure.stale')}
      </Alert>
    </div>
  );
}

/** True while a question that was answered before, and that a page still shows, could not be asked again. */
function useIsStale(): boolean {
  const cache = useQueryClient().getQueryCache();
  const subscribe = useCallback((onChange: () => void) => cache.subscribe(onChange), [cache]);
  return useSyncExternalStore(subscribe, () =>
    cache
      .getAll()
      .some(
        (query) =>
          query.isActive() && query.state.data !== undefined && query.state.error instanceof UnavailableError,
      ),
  );
}
