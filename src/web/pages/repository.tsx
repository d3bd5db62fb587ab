/** A repository: its head, and one of its tabs by the address. */
import { Stack, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Navigate, useNavigate, useParams } from 'react-router';
import type { Repository } from '../../hub-api/types.ts';
import { Failure, NotFound } from '../components/failure.tsx';
import { loadLater } from '../components/load-later.tsx';
import { familiarName, ListSkeleton, RepositorySkeleton } from '../components/repository-list.tsx';
import { PushProgress } from '../components/push-progress.tsx';
import { RepositoryHead } from '../components/repository-head.tsx';
import { useLiveRepository } from '../hub/live.ts';
import { isFailed, useRepository } from '../hub/queries.ts';
import { officialNamespace, repositoryPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';
import { RepositoryActivity } from './repository-activity.tsx';
import { RepositoryOverview, usePreparedOverview } from './repository-overview.tsx';
import { RepositoryTags } from './repository-tags.tsx';

const RepositorySettings = loadLater(
  async () => (await import('./organizing.ts')).RepositorySettings,
  <ListSkeleton />,
);

type TabName = 'overview' | 'tags' | 'activity' | 'settings';

export function RepositoryPage({ tab }: { readonly tab: TabName }) {
  const { namespace = officialNamespace, name = '' } = useParams();
  const repository = useRepository(namespace, name);
  const live = useLiveRepository(namespace, name, repository.isSuccess);
  usePreparedOverview(namespace, name, tab === 'overview');
  usePageTitle(familiarName(namespace, name));
  if (repository.isPending) return <RepositorySkeleton />;
  if (isFailed(repository)) return <Failure error={repository.error} retry={repository.refetch} />;
  const now = repository.data;
  if (now.name !== name || now.namespace !== namespace) {
    const address = repositoryPath(now.namespace, now.name, tab === 'overview' ? undefined : tab);
    return <Navigate to={address} replace />;
  }
  if (tab === 'settings' && !repository.data.permissions.admin) return <NotFound />;
  return (
    <Stack gap="lg">
      <RepositoryHead repository={repository.data} />
      <PushProgress live={live} />
      <RepositoryTabs repository={repository.data} tab={tab} />
    </Stack>
  );
}

function RepositoryTabs({ repository, tab }: { readonly repository: Repository; readonly tab: TabName }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { namespace, name } = repository;
  const open = (value: string | null) =>
    void navigate(
      value === 'tags' || value === 'activity' || value === 'settings'
        ? repositoryPath(namespace, name, value)
        : repositoryPath(namespace, name),
    );
  return (
    <Tabs value={tab} onChange={open} activateTabWithKeyboard={false} keepMounted={false}>
      <Tabs.List aria-label={t('repository.tabs')} mb="lg">
        <Tabs.Tab value="overview">{t('repository.overview')}</Tabs.Tab>
        <Tabs.Tab value="tags">{t('repository.tags')}</Tabs.Tab>
        <Tabs.Tab value="activity">{t('repository.activity')}</Tabs.Tab>
        {repository.permissions.admin && <Tabs.Tab value="settings">{t('repository.settings')}</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="overview">
        <RepositoryOverview repository={repository} />
      </Tabs.Panel>
      <Tabs.Panel value="tags">
        <RepositoryTags repository={repository} />
      </Tabs.Panel>
      <Tabs.Panel value="activity">
        <RepositoryActivity repository={repository} />
      </Tabs.Panel>
      <Tabs.Panel value="settings">
        <RepositorySettings repository={repository} />
      </Tabs.Panel>
    </Tabs>
  );
}
