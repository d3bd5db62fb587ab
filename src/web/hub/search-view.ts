/** What a search page shows, as its address tells it. Addresses are written by anybody: what cannot be is left out. */
import { useSearchParams } from 'react-router';
import type { SearchQuery } from '../../hub-api/types.ts';
import type { SearchView } from '../routes.ts';

export const searchOrders = ['best', 'updated', 'stars', 'name'] as const;
export const searchAges = ['day', 'week', 'month', 'year'] as const;
export const searchStars = ['1', '10', '100', '1000'] as const;
export const searchArchitectures = ['amd64', 'arm64', 'arm', '386', 'ppc64le', 's390x', 'riscv64'] as const;

export function useSearchView(): SearchView {
  const [parameters] = useSearchParams();
  return searchViewOf(parameters);
}

export function searchViewOf(parameters: URLSearchParams): SearchView {
  const one = <T extends string>(name: string, of: readonly T[]): T | undefined =>
    of.find((each) => each === parameters.get(name));
  const page = Math.max(1, Math.trunc(Number(parameters.get('page') ?? 1)) || 1);
  return {
    query: parameters.get('q') ?? '',
    page,
    sort: one('sort', searchOrders),
    updated: one('updated', searchAges),
    stars: one('stars', searchStars),
    architecture: one('architecture', searchArchitectures),
    official: one('official', ['true']),
    mine: one('mine', ['true']),
  };
}

export function isFiltered({ updated, stars, architecture, official, mine }: SearchView): boolean {
  return [updated, stars, architecture, official, mine].some((each) => each !== undefined);
}

/** What the hub is asked. */
export function searchQueryOf(view: SearchView, pageSize: number): SearchQuery {
  const { query, page = 1, sort, updated, stars, architecture, official, mine } = view;
  return {
    query,
    page,
    page_size: pageSize,
    ...(sort && { sort }),
    ...(updated && { updated }),
    ...(stars && { stars: Number(stars) }),
    ...(architecture && { architecture }),
    ...(official && { official }),
    ...(mine && { mine }),
  };
}
