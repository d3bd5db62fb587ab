/** The repositories of an account or organization that the reader may see, to be filtered and paged through. */
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { isFailed, useRepositories } from '../hub/queries.ts';
import { createRepositoryPath } from '../routes.ts';
import { DeletedRepositories } from './deleted-repositories.tsx';
import { Failure } from './failure.tsx';
import { ListFilter, useFiltering } from './list-filter.tsx';
import { NamespaceQuota } from './namespace-quota.tsx';
import { Pager } from './pager.tsx';
import { ListSkeleton, RepositoryList, rowOfEntry } from './repository-list.tsx';

const pageSize = 20;

interface NamespaceRepositoriesProps {
  readonly namespace: string;
  /** Whether the reader may make repositories here. */
  readonly mayCreate: boolean;
}

export function NamespaceRepositories({ namespace, mayCreate }: NamespaceRepositoriesProps) {
  const { t } = useTranslation();
  const filtering = useFiltering();
  const { term, page } = filtering;
  const repositories = useRepositories(namespace, {
    page,
    page_size: pageSize,
    ordering: '-last_updated',
    ...(term && { name: term }),
  });
  return (
    <section>
      {mayCreate && <NamespaceQuota namespace={namespace} />}
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {t('account.repositories')}
        </Title>
        <Group gap="sm" flex="1 1 260px" justify="flex-end">
          <ListFilter label={t('list.filter')} filtering={filtering} />
          {mayCreate && Boolean(repositories.data?.count) && (
            <Button component={Link} to={createRepositoryPath(namespace)} variant="default">
              {t('frame.create')}
            </Button>
          )}
        </Group>
      </Group>
      {repositories.isPending && <ListSkeleton />}
      {isFailed(repositories) && <Failure error={repositories.error} retry={repositories.refetch} />}
      {repositories.data?.count === 0 && (
        <NoRepositories namespace={namespace} mayCreate={mayCreate} term={term} />
      )}
      {repositories.data && repositories.data.count > 0 && (
        <>
          <RepositoryList
            rows={repositories.data.results.map(rowOfEntry)}
            label={t('account.repositories')}
          />
          <Pager
            count={repositories.data.count}
            pageSize={pageSize}
            page={page}
            onChange={filtering.setPage}
          />
        </>
      )}
      {mayCreate && <DeletedRepositories namespace={namespace} />}
    </section>
  );
}

function NoRepositories({
  namespace,
  mayCreate,
  term,
}: NamespaceRepositoriesProps & { readonly term: string }) {
  const { t } = useTranslation();
  if (term) return <Text c="dimmed">{t('list.noMatch', { query: term })}</Text>;
  if (!mayCreate) return <Text c="dimmed">{t('account.empty', { name: namespace })}</Text>;
  return (
    <Stack align="flex-start" gap="sm">
      <Text c="dimmed">{t('account.emptyHere')}</Text>
      <Button component={Link} to={createRepositoryPath(namespace)}>
        {t('frame.create')}
      </Button>
    </Stack>
  );
}
