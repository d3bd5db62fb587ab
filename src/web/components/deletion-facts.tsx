/** Who deleted something, when, and until when it can be brought back. */
import { Text } from '@mantine/core';
import { Trans, useTranslation } from 'react-i18next';
import type { DeletedTag } from '../../hub-api/types.ts';
import { RelativeTime } from './relative-time.tsx';

type Deletion = Pick<DeletedTag, 'deleted_at' | 'deleted_by' | 'expires_at'>;

export function DeletionFacts({ deletion }: { readonly deletion: Deletion }) {
  const { t } = useTranslation();
  const { deleted_at: when, deleted_by: who, expires_at: end } = deletion;
  return (
    <Text size="xs" c="dimmed">
      <Trans
        t={t}
        i18nKey={who ? 'deleted.factsBy' : 'deleted.facts'}
        components={{
          time: <RelativeTime time={when} />,
          who: <bdi>{who}</bdi>,
          end: <RelativeTime time={end} />,
        }}
      />
    </Text>
  );
}
