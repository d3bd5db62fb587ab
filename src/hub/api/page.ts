/** Pages of lists, as Docker Hub counts them: from 1, ten each unless told, at most a hundred. */
import type { Page } from '../../hub-api/types.ts';
import { InvalidError, NotFoundError } from '../../lib/errors.ts';

const defaultSize = 10;
const maxSize = 100;

export interface PageRequest {
  readonly page: number;
  readonly size: number;
  readonly limit: number;
  readonly offset: number;
}

/** @throws InvalidError */
export function readPage(url: URL): PageRequest {
  const page = readNumber(url, 'page', 1);
  const size = Math.min(readNumber(url, 'page_size', defaultSize), maxSize);
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

function readNumber(url: URL, name: string, otherwise: number): number {
  const text = url.searchParams.get(name);
  if (text === null || text === '') return otherwise;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidError(`${name} is a number from 1 on`);
  return Number(text);
}

/** One of a fixed list, descending with a dash before it. @throws InvalidError */
export function readOrdering<T extends string>(
  url: URL,
  allowed: readonly T[],
  otherwise: { readonly order: T; readonly descending: boolean },
): { readonly order: T; readonly descending: boolean } {
  const text = url.searchParams.get('ordering');
  if (!text) return otherwise;
  const name = text.replace(/^-/, '');
  const order = allowed.find((each) => each === name);
  if (!order) throw new InvalidError(`ordering is one of ${allowed.join(', ')}, with a dash for descending`);
  return { order, descending: text.startsWith('-') };
}
