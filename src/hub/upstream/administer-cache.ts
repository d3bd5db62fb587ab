/** What an administrator does with the cache: `cais hub cache rm` and `prune`, and the same on the page and by the JSON API. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import { parseDuration } from '../../lib/quantities.ts';
import { formatReference, parseReference } from '../../oci/image/reference.ts';
import type { Changes } from '../changes.ts';
import type { CacheKeeper, Removed } from './cache-keeper.ts';

export interface Administering {
  readonly keeper: CacheKeeper;
  readonly changes: Changes;
}

export interface Pruning {
  /** Everything, however lately it was used. */
  readonly all: boolean;
  /** As in 24h: only what was not used for so long. */
  readonly until?: string | undefined;
}

const usualAge = '24h';

/**
 * Forgets a repository with all that is here of it; of a name with a tag only the tag. Upstream is asked for it the next time.
 * @param text as people write images: `debian`, `ghcr.io/owner/name:1.0`.
 * @returns the whole name. @throws InvalidError, NotFoundError
 */
export async function removeFromCache({ keeper, changes }: Administering, text: string): Promise<string> {
  const reference = parseReference(text);
  const { domain: registry, path, tag, digest } = reference;
  if (digest)
    throw new InvalidError('a repository, or a tag of one, is expected: what a digest names never changes');
  const name = formatReference(reference);
  const isThere = await keeper.forget({ registry, path }, tag, () =>
    changes.record({ kind: 'cache-forgotten', name }),
  );
  if (!isThere) throw new NotFoundError(`not in the cache: ${name}`);
  return name;
}

/** @throws InvalidError when `until` is no time. */
export async function pruneCache(
  { keeper, changes }: Administering,
  { all, until }: Pruning,
): Promise<Removed> {
  const age = all ? 0 : parseDuration(until ?? usualAge) / 1e6;
  const removed = await keeper.shrink(0, new Date(Date.now() - age));
  await changes.record({ kind: 'cache-pruned', ...removed });
  return removed;
}
