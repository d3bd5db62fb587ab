/** The part of the home page that is its reader's: their repositories, what they hold, what was done, and a new one at once. */
import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { User } from '../../hub-api/types.ts';
import { ActivityList } from '../components/activity-list.tsx';
import { Failure } from '../components/failure.tsx';
import { ListSkeleton, RepositoryList, rowOfEntry } from '../components/repository-list.tsx';
import { isFailed, useOwnActivity, useOwnStorage, useRepositories } from '../hub/queries.ts';
import { accountPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

export { QuickCreate } from '../components/quick-create.tsx';

const ownRows = 5;
const activityRows = 6;

export function HomeOwn({ user }: { readonly user: User }) {
  return (
    <Stack gap={32}>
      <Mine user={user} />
      <MyActivity />
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
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4">
          {t('home.mine')}
        </Title>
        {count > 0 && <Use />}
      </Group>
      {count === 0 ? (
        <Text c="dimmed">{t('home.mineEmpty')}</Text>
      ) : (
        <RepositoryList rows={results.map(rowOfEntry)} label={t('home.mine')} />
      )}
      {count > ownRows && (
        <Anchor component={Link} to={accountPath(user.username)} size="sm" mt={10} display="inline-block">
          {t('home.mineAll')}
        </Anchor>
      )}
    </section>
  );
}

/** Nothing while it is not known: the list below does not wait for it. */
function Use() {
  const { t } = useTranslation();
  const format = useFormat();
  const storage = useOwnStorage();
  if (!storage.data) return null;
  const { repositories, bytes } = storage.data;
  return (
    <Text c="dimmed" size="sm" className="home-use">
      {t('home.use', {
        count: repositories,
        formatted: format.number(repositories),
        size: format.bytes(bytes),
      })}
    </Text>
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
