/** The tags of a repository: what each names, how big it is, who pushed it and when. */
import { Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Repository, Tag, TagListQuery } from '../../hub-api/types.ts';
import { Copy } from '../components/command.tsx';
import { DeleteTag } from '../components/delete-tag.tsx';
import { DigestText } from '../components/digest.tsx';
import { EmptyRepository } from '../components/empty-repository.tsx';
import { Failure } from '../components/failure.tsx';
import { Pager } from '../components/pager.tsx';
import { Platforms } from '../components/platforms.tsx';
import { PushedBy } from '../components/pushed-by.tsx';
import { familiarName, ListSkeleton } from '../components/repository-list.tsx';
import { useTool } from '../components/tool-commands.tsx';
import { isFailed, useTags } from '../hub/queries.ts';
import { tagPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';

type Ordering = NonNullable<TagListQuery['ordering']>;

const pageSize = 25;
const typingPause = 200;

export function RepositoryTags({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const [ordering, setOrdering] = useState<Ordering>('-last_updated');
  const [page, setPage] = useState(1);
  const [name] = useDebouncedValue(filter.trim(), typingPause);
  const tags = useTags(repository.namespace, repository.name, {
    page,
    page_size: pageSize,
    ordering,
    ...(name && { name }),
  });
  if (tags.isPending) return <ListSkeleton />;
  if (isFailed(tags)) return <Failure error={tags.error} retry={tags.refetch} />;
  const { count, results } = tags.data;
  if (count === 0 && name === '' && filter === '') return <EmptyRepository repository={repository} />;
  return (
    <section>
      <Group mb="sm" gap="sm">
        <TextInput
          type="search"
          size="sm"
          flex="1 1 220px"
          maw={340}
          aria-label={t('tags.filter')}
          placeholder={t('tags.filter')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={filter}
          onChange={(event) => {
            setFilter(event.currentTarget.value);
            setPage(1);
          }}
        />
        <OrderChoice value={ordering} onChange={setOrdering} />
      </Group>
      {count === 0 ? (
        <Text c="dimmed">{t('tags.noMatch', { query: name })}</Text>
      ) : (
        <ul className="rows card" aria-label={t('repository.tags')}>
          {results.map((tag) => (
            <li key={tag.name} className="row">
              <TagRow repository={repository} tag={tag} />
            </li>
          ))}
        </ul>
      )}
      <Pager count={count} pageSize={pageSize} page={page} onChange={setPage} />
    </section>
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

function TagRow({ repository, tag }: { readonly repository: Repository; readonly tag: Tag }) {
  const format = useFormat();
  const { words } = useTool();
  const { namespace, name, permissions } = repository;
  const pull = `${words.tool} pull ${words.prefix}${familiarName(namespace, name)}:${tag.name}`;
  return (
    <div className="tag-row">
      <div className="tag-name">
        <Group gap={4} wrap="nowrap">
          <Link className="repository-link mono" to={tagPath(namespace, name, tag.name)}>
            {tag.name}
          </Link>
          <Copy text={pull} size="sm" />
        </Group>
        <Text size="sm" c="dimmed" mt={2}>
          <PushedBy tag={tag} />
        </Text>
      </div>
      <Group className="tag-facts" gap="md" c="dimmed" fz={13}>
        <DigestText digest={tag.digest} />
        <Platforms images={tag.images} />
        <span className="tag-size">{format.bytes(tag.full_size)}</span>
      </Group>
      {permissions.write && <DeleteTag repository={repository} tag={tag.name} />}
    </div>
  );
}
