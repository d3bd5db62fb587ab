/** The first page: what this hub is, search, what is on it, and how to start; the reader's own part is in home-own.tsx. */
import { Anchor, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Failure } from '../components/failure.tsx';
import { loadLater } from '../components/load-later.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { familiarName, ListSkeleton, RepositoryList, rowOfResult } from '../components/repository-list.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { StartSteps } from '../components/start-steps.tsx';
import { useLiveAccount } from '../hub/live.ts';
import { isFailed, useRecentRepositories, useSearch, useSession } from '../hub/queries.ts';
import { repositoryPath, searchPath } from '../routes.ts';
import { usePageTitle } from '../text/page-title.ts';

const publicRows = 10;
const recentRows = 5;

// Who is not signed in has none of these.
const own = () => import('./home-own.tsx');
const HomeOwn = loadLater(async () => (await own()).HomeOwn, <ListSkeleton rows={2} />);
const QuickCreate = loadLater(async () => (await own()).QuickCreate, <Skeleton height={180} />);

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
          {session.data && <HomeOwn user={session.data} />}
          <PublicRepositories />
        </Stack>
        <Stack gap={32}>
          {session.data && <QuickCreate user={session.data} />}
          <StartSteps user={session.data ?? undefined} />
          <RecentPushes />
        </Stack>
      </div>
    </Stack>
  );
}

/** Best first, as the search has them: official ones, then by stars and pulls. */
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
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4">
          {t('home.popular')}
        </Title>
        <Anchor component={Link} to={searchPath({ query: '' })} size="sm">
          {t('search.browse')}
        </Anchor>
      </Group>
      <RepositoryList rows={rows} label={t('home.popular')} />
    </section>
  );
}

/** Beside the rest: nothing while it is not known, and nothing where nobody has pushed. */
function RecentPushes() {
  const { t } = useTranslation();
  const recent = useRecentRepositories(recentRows);
  const rows = recent.data?.results.map(rowOfResult) ?? [];
  if (rows.length === 0) return null;
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('home.recent')}
      </Title>
      <ul className="rows card" aria-label={t('home.recent')}>
        {rows.map(({ namespace, name, lastPush }) => (
          <li key={`${namespace}/${name}`} className="row-small">
            <Link className="repository-link" to={repositoryPath(namespace, name)}>
              {familiarName(namespace, name)}
            </Link>
            {lastPush && (
              <Text size="xs" c="dimmed">
                <RelativeTime time={lastPush} />
              </Text>
            )}
          </li>
        ))}
      </ul>
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
