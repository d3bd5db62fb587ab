/** Pages of lists, as Docker Hub counts them, from 1. What a query may ask for is in hub-api/schemas/common.ts. */
import type { Page } from '../../hub-api/types.ts';
import { NotFoundError } from '../../lib/errors.ts';

export interface PageRequest {
  readonly page: number;
  readonly size: number;
  readonly limit: number;
  readonly offset: number;
}

export function pageRequest({ page, page_size: size }: { page: number; page_size: number }): PageRequest {
  return { page, size, limit: size, offset: (page - 1) * size };
}

/** @throws NotFoundError for a page beyond the last. */
export function pageOf<T>(
  origin: string,
  url: URL,
  { page, size, offset }: PageRequest,
  count: number,
  results: readonly T[],
): Page<T> {
  if (page > 1 && offset >= count) throw new NotFoundError('there is no such page');
  const address = (number: number): string => {
    const params = new URLSearchParams(url.searchParams);
    params.set('page', String(number));
    params.set('page_size', String(size));
    return `${origin}${url.pathname}?${params}`;
  };
  return {
    count,
    next: offset + size < count ? address(page + 1) : null,
    previous: page > 1 ? address(page - 1) : null,
    results,
  };
}
