/** One tag in the list of a repository's tags. */
import { ActionIcon, Badge, Checkbox, Group, Text } from '@mantine/core';
import { IconLock, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Repository, Tag } from '../../hub-api/types.ts';
import { tagPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { Copy } from './command.tsx';
import { DigestText } from './digest.tsx';
import { Platforms } from './platforms.tsx';
import { PushedBy } from './pushed-by.tsx';
import { familiarName } from './repository-list.tsx';
import { useTool } from './tool-commands.tsx';

interface TagRowProps {
  readonly repository: Repository;
  readonly tag: Tag;
  readonly isSelected: boolean;
  readonly onSelect: (name: string, isSelected: boolean) => void;
  readonly onDelete: (name: string) => void;
}

/** Not made anew while others scroll by. */
export const TagRow = memo(function TagRow({ repository, tag, isSelected, onSelect, onDelete }: TagRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { words } = useTool();
  const { namespace, name, permissions } = repository;
  const pull = `${words.tool} pull ${words.prefix}${familiarName(namespace, name)}:${tag.name}`;
  return (
    <div className="row tag-row">
      {permissions.admin && (
        <Checkbox
          className="tag-check"
          size="sm"
          aria-label={t('tags.select', { tag: tag.name })}
          checked={isSelected}
          onChange={(event) => onSelect(tag.name, event.currentTarget.checked)}
        />
      )}
      <div className="tag-name">
        <Group gap={4}>
          <Link className="repository-link mono" to={tagPath(namespace, name, tag.name)}>
            <bdi>{tag.name}</bdi>
          </Link>
          <Copy text={pull} size="sm" />
          {tag.immutable && <ImmutableMark />}
        </Group>
        <Text size="sm" c="dimmed" mt={2}>
          <PushedBy tag={tag} /> ·{' '}
          {t('list.pulls', { count: tag.pull_count, formatted: format.number(tag.pull_count) })}
        </Text>
        <Group className="tag-facts" gap="xs" mt={6} c="dimmed" fz={13}>
          <DigestText digest={tag.digest} />
          <Platforms images={tag.images} />
        </Group>
      </div>
      <span className="tag-size">{format.bytes(tag.full_size)}</span>
      {permissions.admin && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('tags.delete', { tag: tag.name })}
          onClick={() => onDelete(tag.name)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
});

/** Its words are there for who cannot hover. */
function ImmutableMark() {
  const { t } = useTranslation();
  return (
    <Badge
      variant="light"
      color="gray"
      size="sm"
      tt="none"
      leftSection={<IconLock size={12} aria-hidden />}
      title={t('tags.immutableHint')}
    >
      {t('tags.immutable')}
    </Badge>
  );
}
