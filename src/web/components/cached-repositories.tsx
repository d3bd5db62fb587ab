/** What the cache keeps, by repository; each opens to its tags. */
import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CachedRepository, CachedTag } from '../../hub-api/types.ts';
import { useCachedRepositories, useCachedTags, useRemoveCached } from '../hub/cache.ts';
import { isFailed } from '../hub/queries.ts';
import { useFormat } from '../text/format.ts';
import { ConfirmButton } from './confirm.tsx';
import { Failure } from './failure.tsx';
import { ListFilter, useFiltering } from './list-filter.tsx';
import { Pager } from './pager.tsx';
import { RelativeTime } from './relative-time.tsx';
import { ListSkeleton } from './repository-list.tsx';

const pageSize = 25;
const tagPageSize = 25;

export function CachedRepositories() {
  const { t } = useTranslation();
  const format = useFormat();
  const filtering = useFiltering();
  const { term: query, page } = filtering;
  const repositories = useCachedRepositories({ query, page, page_size: pageSize });
  if (repositories.isPending) return <ListSkeleton />;
  if (isFailed(repositories)) return <Failure error={repositories.error} retry={repositories.refetch} />;
  const { count, results } = repositories.data;
  if (count === 0 && query === '') return <Text c="dimmed">{t('cache.empty')}</Text>;
  return (
    <>
      <Group mb="sm" justify="space-between">
        <ListFilter label={t('cache.filter')} filtering={filtering} />
        <Text size="sm" c="dimmed" role="status">
          {count === 0
            ? t('cache.noMatch', { query })
            : t('administration.repositories', { count, formatted: format.number(count) })}
        </Text>
      </Group>
      {count > 0 && (
        <ul className="rows card" aria-label={t('cache.kept')}>
          {results.map((repository) => (
            <li key={repository.name} className="row row-small">
              <Repository repository={repository} />
            </li>
          ))}
        </ul>
      )}
      <Pager count={count} pageSize={pageSize} page={page} onChange={filtering.setPage} />
    </>
  );
}

function Repository({
  repository: { name, tags, bytes, last_pulled: pulled, last_checked: checked },
}: {
  readonly repository: CachedRepository;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const [opened, { toggle }] = useDisclosure();
  return (
    <>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {format.bytes(bytes)} · {t('cache.pulled')} <Moment time={pulled} /> · {t('cache.checked')}{' '}
            <Moment time={checked} />
          </Text>
        </div>
        <Group gap={4} justify="flex-end">
          <Button
            size="xs"
            variant="subtle"
            aria-expanded={opened}
            aria-label={t('cache.tagsOf', { name })}
            disabled={tags === 0}
            onClick={toggle}
          >
            {t('tags.count', { count: tags, formatted: format.number(tags) })}
          </Button>
          <RemoveButton name={name} text={t('cache.removeText')} />
        </Group>
      </Group>
      {opened && <Tags name={name} />}
    </>
  );
}

function Tags({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const tags = useCachedTags({ name, page, page_size: tagPageSize });
  if (tags.isPending) return <ListSkeleton />;
  if (isFailed(tags)) return <Failure error={tags.error} retry={tags.refetch} />;
  const { count, results } = tags.data;
  return (
    <>
      <ul className="rows" aria-label={t('cache.tagsOf', { name })} style={{ marginTop: 8 }}>
        {results.map((tag) => (
          <li key={tag.name} className="row row-small">
            <Tag repository={name} tag={tag} />
          </li>
        ))}
      </ul>
      <Pager count={count} pageSize={tagPageSize} page={page} onChange={setPage} />
    </>
  );
}

function Tag({ repository, tag }: { readonly repository: string; readonly tag: CachedTag }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {tag.name}
        </Text>
        <Text size="xs" c="dimmed">
          {tag.bytes === 0 ? t('cache.onlyAsked') : format.bytes(tag.bytes)} · {t('cache.pulled')}{' '}
          <Moment time={tag.last_pulled} /> · {t('cache.checked')} <Moment time={tag.last_checked} />
        </Text>
      </div>
      <RemoveButton name={`${repository}:${tag.name}`} text={t('cache.removeTagText')} />
    </Group>
  );
}

function RemoveButton({ name, text }: { readonly name: string; readonly text: string }) {
  const { t } = useTranslation();
  const remove = useRemoveCached();
  return (
    <ConfirmButton
      label={t('cache.remove')}
      ariaLabel={t('cache.removeOf', { name })}
      look={{ size: 'xs', color: 'gray', variant: 'subtle' }}
      title={t('cache.removeOf', { name })}
      text={text}
      action={t('cache.remove')}
      work={remove}
      onConfirm={(close) => remove.mutate(name, { onSuccess: close })}
    />
  );
}

function Moment({ time }: { readonly time: string | null }) {
  const { t } = useTranslation();
  return time === null ? t('common.never') : <RelativeTime time={time} />;
}
