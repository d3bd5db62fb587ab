/** Tags of a repository that were deleted and can be brought back. */
import { Button, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeletedTag, Repository } from '../../hub-api/types.ts';
import { isFailed } from '../hub/queries.ts';
import { useDeletedTags, useRestoreTag } from '../hub/repository-settings.ts';
import { DeletionFacts } from './deletion-facts.tsx';
import { DigestText } from './digest.tsx';
import { Failure, FailureAlert } from './failure.tsx';
import { Pager } from './pager.tsx';
import { ListSkeleton } from './repository-list.tsx';

const pageSize = 10;

interface DeletedTagsProps {
  readonly repository: Repository;
}

export function DeletedTags({ repository }: DeletedTagsProps) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const deleted = useDeletedTags(repository, { page, page_size: pageSize });
  if (deleted.isPending) return <ListSkeleton rows={1} />;
  if (isFailed(deleted)) return <Failure error={deleted.error} retry={deleted.refetch} />;
  const { count, results } = deleted.data;
  return (
    <section className="card panel">
      <Title order={2} size="h5" mb={4}>
        {t('deleted.tags')}
      </Title>
      <Text size="sm" c="dimmed">
        {count === 0 ? t('deleted.noTags') : t('deleted.tagsLead')}
      </Text>
      {count > 0 && (
        <ul className="rows" aria-label={t('deleted.tags')}>
          {results.map((tag) => (
            <li key={tag.id} className="setting-row">
              <Row repository={repository} tag={tag} />
            </li>
          ))}
        </ul>
      )}
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </section>
  );
}

function Row({ repository, tag }: DeletedTagsProps & { readonly tag: DeletedTag }) {
  const { t } = useTranslation();
  const restore = useRestoreTag(repository);
  const { id, name, digest } = tag;
  return (
    <>
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Text span size="sm" fw={600} className="mono" mr={8}>
          {name}
        </Text>
        <DigestText digest={digest} />
        <DeletionFacts deletion={tag} />
        <FailureAlert error={restore.error} conflict={t('deleted.tagConflict')} />
      </div>
      <Button
        size="xs"
        variant="default"
        flex="none"
        loading={restore.isPending}
        aria-label={t('deleted.restoreThis', { name })}
        onClick={() =>
          restore.mutate(id, {
            onSuccess: () => notifications.show({ message: t('deleted.restored', { name }) }),
          })
        }
      >
        {t('deleted.restore')}
      </Button>
    </>
  );
}
