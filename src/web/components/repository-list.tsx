/** Repositories in rows, as home, search and an account show them. */
import { Badge, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconDownload, IconLock, IconRosetteDiscountCheck, IconStar } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { RepositoryListEntry, SearchResult } from '../../hub-api/types.ts';
import { officialNamespace, repositoryPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { RelativeTime } from './relative-time.tsx';

export interface RepositoryRow {
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly isPrivate: boolean;
  readonly stars: number;
  readonly pulls: number;
  readonly lastPush: string | null;
}

export function rowOfEntry(entry: RepositoryListEntry): RepositoryRow {
  return {
    namespace: entry.namespace,
    name: entry.name,
    description: entry.description,
    isPrivate: entry.is_private,
    stars: entry.star_count,
    pulls: entry.pull_count,
    lastPush: entry.last_updated,
  };
}

/** Official images come with a bare name. */
export function rowOfResult(result: SearchResult): RepositoryRow {
  const slash = result.repo_name.indexOf('/');
  return {
    namespace: slash === -1 ? officialNamespace : result.repo_name.slice(0, slash),
    name: result.repo_name.slice(slash + 1),
    description: result.short_description,
    isPrivate: result.is_private,
    stars: result.star_count,
    pulls: result.pull_count,
    lastPush: result.last_updated,
  };
}

/** `alice/app`, or `ubuntu` for an official image: what is typed to pull it. */
export function familiarName(namespace: string, name: string): string {
  return namespace === officialNamespace ? name : `${namespace}/${name}`;
}

export function RepositoryList({
  rows,
  label,
}: {
  readonly rows: readonly RepositoryRow[];
  readonly label: string;
}) {
  return (
    <ul className="rows card" aria-label={label}>
      {rows.map((row) => (
        <li key={`${row.namespace}/${row.name}`} className="row">
          <Row row={row} />
        </li>
      ))}
    </ul>
  );
}

function Row({ row }: { readonly row: RepositoryRow }) {
  const { t } = useTranslation();
  return (
    <>
      <Group gap="xs" mb={4}>
        <Link className="repository-link" to={repositoryPath(row.namespace, row.name)}>
          {familiarName(row.namespace, row.name)}
        </Link>
        <RepositoryBadges namespace={row.namespace} isPrivate={row.isPrivate} />
      </Group>
      {row.description && (
        <Text size="sm" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
          {row.description}
        </Text>
      )}
      <Group gap="md" mt={6} fz={13} c="dimmed">
        <Counts stars={row.stars} pulls={row.pulls} />
        <span>
          {row.lastPush ? (
            <When text={(when) => t('list.updated', { when })} time={row.lastPush} />
          ) : (
            t('list.empty')
          )}
        </span>
      </Group>
    </>
  );
}

/** The words before and after the time are the translation's. */
function When({ text, time }: { readonly text: (when: string) => string; readonly time: string }) {
  const [before = '', after = ''] = text('\u0000').split('\u0000');
  return (
    <>
      {before}
      <RelativeTime time={time} />
      {after}
    </>
  );
}

function Counts({ stars, pulls }: { readonly stars: number; readonly pulls: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Group gap={4} title={t('list.stars', { count: stars, formatted: format.number(stars) })}>
        <IconStar size={14} aria-hidden />
        <span>{format.number(stars)}</span>
      </Group>
      <Group gap={4} title={t('list.pulls', { count: pulls, formatted: format.number(pulls) })}>
        <IconDownload size={14} aria-hidden />
        <span>{format.number(pulls)}</span>
      </Group>
    </>
  );
}

interface RepositoryBadgesProps {
  readonly namespace: string;
  readonly isPrivate: boolean;
}

export function RepositoryBadges({ namespace, isPrivate }: RepositoryBadgesProps) {
  const { t } = useTranslation();
  return (
    <>
      {namespace === officialNamespace && (
        <Badge
          variant="light"
          size="sm"
          tt="none"
          leftSection={<IconRosetteDiscountCheck size={13} aria-hidden />}
        >
          {t('common.official')}
        </Badge>
      )}
      {isPrivate && (
        <Badge
          variant="light"
          color="gray"
          size="sm"
          tt="none"
          leftSection={<IconLock size={12} aria-hidden />}
        >
          {t('common.private')}
        </Badge>
      )}
    </>
  );
}

/** What stands in a list's place while it loads. */
export function ListSkeleton({ rows = 4 }: { readonly rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className="card" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="row">
          <Skeleton height={16} width="35%" mb={10} />
          <Skeleton height={12} width="70%" />
        </div>
      ))}
    </div>
  );
}

export function RepositorySkeleton() {
  return (
    <Stack gap="lg">
      <Skeleton height={32} width="40%" />
      <Skeleton height={14} width="60%" />
      <ListSkeleton />
    </Stack>
  );
}
