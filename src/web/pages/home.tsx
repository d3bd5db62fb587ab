/** The first page: what this hub is, search, what is on it, and how to start. */
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { User } from '../../hub-api/types.ts';
import { ActivityList } from '../components/activity-list.tsx';
import { Failure } from '../components/failure.tsx';
import { ListSkeleton, RepositoryList, rowOfEntry, rowOfResult } from '../components/repository-list.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { StartSteps } from '../components/start-steps.tsx';
import { useLiveAccount } from '../hub/live.ts';
import { isFailed, useOwnActivity, useRepositories, useSearch, useSession } from '../hub/queries.ts';
import { accountPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

const publicRows = 10;
const ownRows = 5;
const activityRows = 6;

export function HomePage() {
  const { t } = useTranslation();
  const session = useSession();
  useLiveAccount(Boolean(session.data));
  usePageTitle();
  return (
    <Stack gap={40}>
      <section className="hero">
        <Title order={1}>{t('home.headline')}</Title>
        <Text c="dimmed" size="lg" maw={620}>
          {t('home.lead')}
        </Text>
        <SearchBox size="md" withButton />
      </section>
      <div className="two-columns">
        <Stack gap={32}>
          {session.data && <Mine user={session.data} />}
          {session.data && <MyActivity />}
          <PublicRepositories />
        </Stack>
        <StartSteps user={session.data ?? undefined} />
      </div>
    </Stack>
  );
}

function Mine({ user }: { readonly user: User }) {
  const { t } = useTranslation();
  const repositories = useRepositories(user.username, { page_size: ownRows, ordering: '-last_updated' });
  if (repositories.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(repositories)) return <Failure error={repositories.error} retry={repositories.refetch} />;
  const { count, results } = repositories.data;
  return (
    <section>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {t('home.mine')}
        </Title>
        {count > ownRows && (
          <Anchor component={Link} to={accountPath(user.username)} size="sm">
            {t('home.mineAll')}
          </Anchor>
        )}
      </Group>
      {count === 0 ? (
        <Text c="dimmed">{t('home.mineEmpty')}</Text>
      ) : (
        <RepositoryList rows={results.map(rowOfEntry)} label={t('home.mine')} />
      )}
    </section>
  );
}

/** Nothing where nothing was done yet: how to start is beside it. */
function MyActivity() {
  const { t } = useTranslation();
  const activity = useOwnActivity({ page_size: activityRows });
  if (activity.isPending) return <ListSkeleton rows={2} />;
  if (isFailed(activity)) return <Failure error={activity.error} retry={activity.refetch} />;
  if (activity.data.count === 0) return null;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('home.activity')}
      </Title>
      <ActivityList activities={activity.data.results} label={t('home.activity')} withRepository />
    </section>
  );
}

function PublicRepositories() {
  const { t } = useTranslation();
  const found = useSearch({ query: '', page_size: publicRows });
  if (found.isPending) return <ListSkeleton />;
  if (isFailed(found)) return <Failure error={found.error} retry={found.refetch} />;
  // The search also finds what is private to the reader, and that is in the list above.
  const rows = found.data.results.map(rowOfResult).filter((row) => !row.isPrivate);
  if (rows.length === 0) return <EmptyHub />;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('home.public')}
      </Title>
      <RepositoryList rows={rows} label={t('home.public')} />
    </section>
  );
}

function EmptyHub() {
  const { t } = useTranslation();
  return (
    <section className="card row">
      <Title order={2} size="h4" mb={6}>
        {t('home.emptyTitle')}
      </Title>
      <Text c="dimmed">{t('home.empty')}</Text>
    </section>
  );
}
