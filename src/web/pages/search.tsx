/** Search: as one types, filtered, in an order. All of it is in the address, so that results can be shared. */
import { Button, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { Failure } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { ListSkeleton, RepositoryList, rowOfResult } from '../components/repository-list.tsx';
import { SearchFilters } from '../components/search-filters.tsx';
import { TypedSearch } from '../components/typed-search.tsx';
import { isFailed, useSearch } from '../hub/queries.ts';
import { type SearchView, searchPath } from '../routes.ts';
import { isFiltered, searchQueryOf, searchViewOf, useSearchView } from '../hub/search-view.ts';
import { useFormat } from '../text/format.ts';
import { usePageTitle } from '../text/page-title.ts';

const pageSize = 25;

export function SearchPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const view = useSearchView();
  const { query } = view;
  usePageTitle(query ? t('search.titleFor', { query }) : t('search.title'));
  /**
   * A change of what is looked for begins at the first page. It comes on top of the address, which is ahead of what is drawn
   * where two changes come quickly.
   */
  const change = (changes: Partial<SearchView>, replace = false): void => {
    const latest = searchViewOf(new URLSearchParams(window.location.search));
    void navigate(searchPath({ ...latest, page: 1, ...changes }), { replace });
  };
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t('search.title')}
      </Title>
      <TypedSearch query={query} onChange={(typed) => change({ query: typed }, true)} />
      <SearchFilters view={view} onChange={change} />
      <Results view={view} onPage={(page) => change({ page })} />
    </Stack>
  );
}

interface ResultsProps {
  readonly view: SearchView;
  readonly onPage: (page: number) => void;
}

function Results({ view, onPage }: ResultsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { query, page = 1 } = view;
  const results = useSearch(searchQueryOf(view, pageSize));
  if (results.isPending) return <ListSkeleton />;
  if (isFailed(results)) return <Failure error={results.error} retry={results.refetch} />;
  const { count, results: found } = results.data;
  if (count === 0) return <NoResults view={view} />;
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
      <Pager count={count} pageSize={pageSize} page={page} onChange={onPage} />
    </div>
  );
}

/** Says what to do: fewer filters, other words, or all there is. */
function NoResults({ view }: { readonly view: SearchView }) {
  const { t } = useTranslation();
  const { query } = view;
  return (
    <Stack className="card row" align="flex-start" gap="sm" py="xl" role="status">
      <Title order={2} size="h4">
        {query ? t('search.emptyTitle', { query }) : t('search.emptyFiltered')}
      </Title>
      <Text c="dimmed">{isFiltered(view) ? t('search.emptyFilters') : t('search.empty')}</Text>
      {isFiltered(view) ? (
        <Button component={Link} to={searchPath({ query })} variant="default" size="sm">
          {t('search.clearFilters')}
        </Button>
      ) : (
        query && (
          <Button component={Link} to={searchPath({ query: '' })} variant="default" size="sm">
            {t('search.browse')}
          </Button>
        )
      )}
    </Stack>
  );
}
