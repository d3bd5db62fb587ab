/** Search results; the query is in the address, so that they can be shared. */
import { Button, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { Failure } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton, RepositoryList, rowOfResult } from '../components/repository-list.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { isFailed, useSearch } from '../hub/queries.ts';
import { searchPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { usePageTitle } from '../text/page-title.ts';

const pageSize = 25;

export function SearchPage() {
  const { t } = useTranslation();
  const [parameters] = useSearchParams();
  const query = parameters.get('q') ?? '';
  const page = Math.max(1, Math.trunc(Number(parameters.get('page') ?? 1)) || 1);
  usePageTitle(query ? t('search.titleFor', { query }) : t('search.title'));
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t('search.title')}
      </Title>
      <SearchBox key={query} size="md" initial={query} withButton />
      <Results query={query} page={page} />
    </Stack>
  );
}

function Results({ query, page }: { readonly query: string; readonly page: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const results = useSearch({ query, page, page_size: pageSize });
  if (results.isPending) return <ListSkeleton />;
  if (isFailed(results)) return <Failure error={results.error} retry={results.refetch} />;
  const { count, results: found } = results.data;
  if (count === 0) return <NoResults query={query} />;
  const formatted = format.number(count);
  const summary = query
    ? t('search.count', { count, formatted, query })
    : t('search.all', { count, formatted });
  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {summary}
      </Text>
      <RepositoryList rows={found.map(rowOfResult)} label={t('search.title')} />
      <Pager
        count={count}
        pageSize={pageSize}
        page={page}
        onChange={(next) => void navigate(searchPath(query, next))}
      />
    </div>
  );
}

function NoResults({ query }: { readonly query: string }) {
  const { t } = useTranslation();
  return (
    <Stack className="card row" align="flex-start" gap="sm" py="xl" role="status">
      <Title order={2} size="h4">
        {t('search.emptyTitle', { query })}
      </Title>
      <Text c="dimmed">{t('search.empty')}</Text>
      {query && (
        <Button component={Link} to={searchPath('')} variant="default" size="sm">
          {t('search.browse')}
        </Button>
      )}
    </Stack>
  );
}
