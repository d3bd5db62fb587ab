/** The third tab of a repository: what happened to it, by whom and when. */
import { Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Repository } from '../../hub-api/types.ts';
import { ActivityList } from '../components/activity-list.tsx';
import { Failure } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed, useActivity } from '../hub/queries.ts';

const pageSize = 25;

export function RepositoryActivity({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const activity = useActivity(repository.namespace, repository.name, { page, page_size: pageSize });
  if (activity.isPending) return <ListSkeleton />;
  if (isFailed(activity)) return <Failure error={activity.error} retry={activity.refetch} />;
  const { count, results } = activity.data;
  if (count === 0) {
    return (
      <section className="card panel">
        <Title order={2} size="h4" mb={6}>
          {t('activity.emptyTitle')}
        </Title>
        <Text c="dimmed">{t('activity.empty')}</Text>
      </section>
    );
  }
  return (
    <section>
      <ActivityList activities={results} label={t('repository.activity')} />
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </section>
  );
}
