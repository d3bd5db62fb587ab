/**
 * The tags of a repository in one list that is scrolled through, however many there are: only rows near the window are on the
 * page, and the hub's pages of the list are asked for as they come near. A chunk of its own.
 */
import { Skeleton } from '@mantine/core';
import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Repository, TagListQuery } from '../../hub-api/types.ts';
import { useTagPages } from '../hub/tag-pages.ts';
import { TagRow } from './tag-row.tsx';

interface TagListProps {
  readonly repository: Repository;
  readonly query: TagListQuery;
  readonly count: number;
  /** Names. */
  readonly selected: ReadonlySet<string>;
  readonly onSelect: (name: string, isSelected: boolean) => void;
  readonly onDelete: (name: string) => void;
}

/** In pixels; rows are measured when they are there. */
const usualHeight = 104;
/** Rows beyond the window: the next ones to be focused and to be read. */
const overscan = 10;

export function TagList({ repository, query, count, selected, onSelect, onDelete }: TagListProps) {
  const { t } = useTranslation();
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const [focused, setFocused] = useState<number>();
  useLayoutEffect(() => {
    const element = list.current;
    if (element) setTop(element.getBoundingClientRect().top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count,
    overscan,
    scrollMargin: top,
    estimateSize: () => usualHeight,
    // The row that has the focus stays: without it the focus would be nowhere.
    rangeExtractor: (range) => {
      const near = defaultRangeExtractor(range);
      const isFar = focused !== undefined && focused < count && !near.includes(focused);
      return isFar ? [...near, focused].toSorted((a, b) => a - b) : near;
    },
  });
  const rows = virtual.getVirtualItems();
  const tagAt = useTagPages(
    repository,
    query,
    rows.map(({ index }) => index),
  );
  const follow = (event: FocusEvent) => setFocused(rowOf(event.target));
  return (
    <ul
      ref={list}
      className="rows card tag-list"
      aria-label={t('repository.tags')}
      style={{ height: virtual.getTotalSize() }}
      onFocus={follow}
      onBlur={() => setFocused(undefined)}
    >
      {rows.map(({ index, start }) => {
        const tag = tagAt(index);
        return (
          <li
            key={tag?.name ?? index}
            ref={virtual.measureElement}
            data-index={index}
            aria-setsize={count}
            aria-posinset={index + 1}
            style={{ transform: `translateY(${start - top}px)` }}
          >
            {tag ? (
              <TagRow
                repository={repository}
                tag={tag}
                isSelected={selected.has(tag.name)}
                onSelect={onSelect}
                onDelete={onDelete}
              />
            ) : (
              <WaitingRow />
            )}
          </li>
        );
      })}
    </ul>
  );
}

function WaitingRow() {
  const { t } = useTranslation();
  return (
    <div className="row tag-waiting" role="status" aria-label={t('common.loading')}>
      <Skeleton height={14} width="30%" />
      <Skeleton height={12} width="60%" mt={12} />
    </div>
  );
}

function rowOf(target: Element): number | undefined {
  const index = target.closest('li')?.getAttribute('data-index');
  return index === null || index === undefined ? undefined : Number(index);
}
