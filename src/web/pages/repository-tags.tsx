/** The tags of a repository: filtered, in the order that is wanted, and many of them deleted at once. */
import { Button, Checkbox, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconTrash } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Repository, TagListQuery } from '../../hub-api/types.ts';
import { DeleteTags } from '../components/delete-tags.tsx';
import { EmptyRepository } from '../components/empty-repository.tsx';
import { Failure, FailureAlert } from '../components/failure.tsx';
import { loadLater } from '../components/load-later.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed, useTags } from '../hub/queries.ts';
import { maxSelected, tagPageSize } from '../hub/tag-pages.ts';
import { useTagSelection } from '../hub/tag-selection.ts';
import { useFormat } from '../text/format.ts';

const TagList = loadLater(async () => (await import('../components/tag-list.tsx')).TagList, <ListSkeleton />);

type Ordering = NonNullable<TagListQuery['ordering']>;

const typingPause = 200;

export function RepositoryTags({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const [ordering, setOrdering] = useState<Ordering>('-last_updated');
  const [name] = useDebouncedValue(filter.trim(), typingPause);
  const query = { page_size: tagPageSize, ordering, ...(name && { name }) };
  const tags = useTags(repository.namespace, repository.name, { ...query, page: 1 });
  const [leaving, setLeaving] = useState<readonly string[]>();
  const remove = useCallback((tag: string) => setLeaving([tag]), []);
  const selection = useTagSelection(repository, query, tags.data?.count ?? 0);
  if (tags.isPending) return <ListSkeleton />;
  if (isFailed(tags)) return <Failure error={tags.error} retry={tags.refetch} />;
  const { count } = tags.data;
  if (count === 0 && name === '' && filter === '') return <EmptyRepository repository={repository} />;
  return (
    <section>
      <Group mb="sm" gap="sm">
        <TextInput
          type="search"
          size="sm"
          flex="1 1 220px"
          maw={340}
          maxLength={128}
          aria-label={t('tags.filter')}
          placeholder={t('tags.filter')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <OrderChoice value={ordering} onChange={setOrdering} />
      </Group>
      {count === 0 ? (
        <Text c="dimmed" role="status">
          {t('tags.noMatch', { query: name })}
        </Text>
      ) : (
        <>
          <SelectionBar
            repository={repository}
            count={count}
            selection={selection}
            onDelete={() => setLeaving([...selection.selected])}
          />
          <TagList
            repository={repository}
            query={query}
            count={count}
            selected={selection.selected}
            onSelect={selection.select}
            onDelete={remove}
          />
        </>
      )}
      {leaving && (
        <DeleteTags
          repository={repository}
          tags={leaving}
          close={() => setLeaving(undefined)}
          onDeleted={selection.drop}
        />
      )}
    </section>
  );
}

interface SelectionBarProps {
  readonly repository: Repository;
  /** Of the tags in the list. */
  readonly count: number;
  readonly selection: ReturnType<typeof useTagSelection>;
  readonly onDelete: () => void;
}

function SelectionBar({ repository, count, selection, onDelete }: SelectionBarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { selected, selectAll, clear, isSelecting, error } = selection;
  const formatted = format.number(count);
  if (!repository.permissions.admin) {
    return (
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {t('tags.count', { count, formatted })}
      </Text>
    );
  }
  const most = Math.min(count, maxSelected);
  return (
    <>
      <Group mb="xs" gap="sm" px={{ base: 16, sm: 20 }}>
        <Checkbox
          size="sm"
          label={
            count > maxSelected
              ? t('tags.selectFirst', { formatted: format.number(most) })
              : t('tags.selectAll')
          }
          disabled={isSelecting}
          checked={isSelecting || (selected.size > 0 && selected.size >= most)}
          indeterminate={!isSelecting && selected.size > 0 && selected.size < most}
          onChange={(event) => (event.currentTarget.checked ? selectAll() : clear())}
        />
        <Text size="sm" c="dimmed" role="status" flex={1}>
          {selected.size > 0
            ? t('tags.selected', { count: selected.size, formatted: format.number(selected.size) })
            : t('tags.count', { count, formatted })}
        </Text>
        {selected.size > 0 && (
          <Button
            size="xs"
            color="red"
            variant="light"
            leftSection={<IconTrash size={15} aria-hidden />}
            onClick={onDelete}
          >
            {t('tags.deleteSelected')}
          </Button>
        )}
      </Group>
      <FailureAlert error={error} />
    </>
  );
}

interface OrderChoiceProps {
  readonly value: Ordering;
  readonly onChange: (ordering: Ordering) => void;
}

function OrderChoice({ value, onChange }: OrderChoiceProps) {
  const { t } = useTranslation();
  const orderings: readonly { value: Ordering; label: string }[] = [
    { value: '-last_updated', label: t('tags.newest') },
    { value: 'last_updated', label: t('tags.oldest') },
    { value: 'name', label: t('tags.nameUp') },
    { value: '-name', label: t('tags.nameDown') },
  ];
  return (
    <NativeSelect
      size="sm"
      aria-label={t('tags.order')}
      value={value}
      data={orderings}
      onChange={(event) => onChange(event.currentTarget.value as Ordering)}
    />
  );
}
