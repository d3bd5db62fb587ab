/** What a namespace is limited to, as people set it and as it stands. Null: no limit. */
import { InvalidError } from '../../lib/errors.ts';
import type { RepositoryQuota } from './repository-quota.ts';

export interface Limits {
  readonly bytes: number | null;
  readonly repositories: number | null;
  readonly private_repositories: number | null;
}

/** Those that are given change. */
export type LimitChanges = { readonly [Name in keyof Limits]?: Limits[Name] | undefined };

export interface NamespaceLimits extends RepositoryQuota {
  readonly namespace: string;
  readonly max_bytes: number | null;
  readonly used_bytes: number;
}

/** @throws InvalidError */
export function requireLimits({ bytes, repositories, private_repositories }: LimitChanges): void {
  if (!isLimit(bytes, 1)) throw new InvalidError('a quota is a number of bytes, from 1 on');
  if (!isLimit(repositories, 0) || !isLimit(private_repositories, 0)) {
    throw new InvalidError('a quota is a number of repositories, from 0 on');
  }
}

function isLimit(limit: number | null | undefined, least: number): boolean {
  return limit === undefined || limit === null || (Number.isSafeInteger(limit) && limit >= least);
}
