/** An account: who it is, and its repositories that the reader may see. */
import { Avatar, Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { Failure } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton, RepositoryList, rowOfEntry } from '../components/repository-list.tsx';
import { isFailed, useAccount, useRepositories, useSession } from '../hub/queries.ts';
import { patterns } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { usePageTitle } from '../text/page-title.ts';

const pageSize = 20;
const typingPause = 200;

export function AccountPage() {
  const { t } = useTranslation();
  const format = useFormat();
  const { namespace = '' } = useParams();
  const account = useAccount(namespace);
  usePageTitle(namespace);
  if (account.isPending) return <Skeleton height={72} aria-label={t('common.loading')} />;
  if (isFailed(account)) return <Failure error={account.error} retry={account.refetch} />;
  const joined = account.data?.date_joined;
  return (
    <Stack gap="xl">
      <Group wrap="nowrap">
        <Avatar name={namespace} color="quay" size="lg" radius="xl" alt="" />
        <div>
          <Title order={1} size="h2" style={{ overflowWrap: 'anywhere' }}>
            {namespace}
          </Title>
          <Text c="dimmed" size="sm">
            {joined ? t('account.since', { when: format.month(new Date(joined)) }) : t('account.official')}
          </Text>
        </div>
      </Group>
      <Repositories key={namespace} namespace={namespace} />
    </Stack>
  );
}

function Repositories({ namespace }: { readonly namespace: string }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const [page, setPage] = useState(1);
  const [name] = useDebouncedValue(filter.trim(), typingPause);
  const repositories = useRepositories(namespace, {
    page,
    page_size: pageSize,
    ordering: '-last_updated',
    ...(name && { name }),
  });
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {t('account.repositories')}
        </Title>
        <TextInput
          type="search"
          size="sm"
          aria-label={t('list.filter')}
          placeholder={t('list.filter')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={filter}
          onChange={(event) => {
            setFilter(event.currentTarget.value);
            setPage(1);
          }}
        />
      </Group>
      {repositories.isPending && <ListSkeleton />}
      {isFailed(repositories) && <Failure error={repositories.error} retry={repositories.refetch} />}
      {repositories.data?.count === 0 && <NoRepositories namespace={namespace} filter={name} />}
      {repositories.data && repositories.data.count > 0 && (
        <>
          <RepositoryList
            rows={repositories.data.results.map(rowOfEntry)}
            label={t('account.repositories')}
          />
          <Pager count={repositories.data.count} pageSize={pageSize} page={page} onChange={setPage} />
        </>
      )}
    </section>
  );
}

function NoRepositories({ namespace, filter }: { readonly namespace: string; readonly filter: string }) {
  const { t } = useTranslation();
  const session = useSession();
  if (filter) return <Text c="dimmed">{t('list.noMatch', { query: filter })}</Text>;
  if (session.data?.username !== namespace)
    return <Text c="dimmed">{t('account.empty', { name: namespace })}</Text>;
  return (
    <Stack align="flex-start" gap="sm">
      <Text c="dimmed">{t('account.emptyMine')}</Text>
      <Button component={Link} to={patterns.createRepository}>
        {t('frame.create')}
      </Button>
    </Stack>
  );
}
