/** The part of a long list of tags that is looked at: the hub's pages that hold it, and a few words about all of it. */
import { useQueries } from '@tanstack/react-query';
import type { HubClient } from '../../hub-api/client.ts';
import type { Repository, Tag, TagListQuery } from '../../hub-api/types.ts';
import { useHub } from './hub.tsx';

export const tagPageSize = 100;
/** What is deleted at once. */
export const maxSelected = 1000;

const followingInterval = 15_000;

/** @returns the tag at a place of the list, undefined while its page is on the way. */
export function useTagPages(
  { namespace, name }: Pick<Repository, 'namespace' | 'name'>,
  query: TagListQuery,
  places: readonly number[],
): (place: number) => Tag | undefined {
  const hub = useHub();
  const pages = [...new Set(places.map((place) => Math.floor(place / tagPageSize) + 1))];
  const answers = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['tags', namespace, name, { ...query, page }],
      queryFn: () => hub.tags(namespace, name, { ...query, page }),
      refetchInterval: followingInterval,
    })),
  });
  const found = new Map(pages.map((page, index) => [page, answers[index]?.data?.results]));
  return (place) => found.get(Math.floor(place / tagPageSize) + 1)?.[place % tagPageSize];
}

/** The names of a list, from its beginning, at most `maxSelected`. */
export async function namesOf(
  hub: HubClient,
  { namespace, name }: Pick<Repository, 'namespace' | 'name'>,
  query: TagListQuery,
  count: number,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (let page = 1; names.length < Math.min(count, maxSelected); page++) {
    const { results, next } = await hub.tags(namespace, name, { ...query, page });
    names.push(...results.map((tag) => tag.name));
    if (next === null) break;
  }
  return names.slice(0, maxSelected);
}
