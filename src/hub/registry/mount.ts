/**
 * Mounts: a blob that the hub has already becomes one of this repository without being sent again.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#mounting-a-blob-from-another-repository
 */
import type { Digest } from '../../oci/image/digest.ts';
import { type Access, accessTo } from '../auth/access-to.ts';
import { type RepositoryPath, tryParseRepositoryPath } from '../repositories/repository-path.ts';
import type { RepositoryKey } from '../repositories/repository-store.ts';
import { linkBlob } from './link-blob.ts';
import type { Exchange, RegistryParts } from './exchange.ts';

/**
 * Links a blob that the caller may pull from where it is. False: it has to be uploaded, and nothing was learned about it.
 * @param from the repository that the client names; null: whichever holds the blob.
 */
export async function mountBlob(
  parts: RegistryParts,
  exchange: Exchange,
  target: RepositoryKey,
  digest: Digest,
  from: string | null,
): Promise<boolean> {
  const source = await sourceOf(parts, exchange, digest, from);
  // The policy, not the token: whatever else the token opens, the source has to be open to its holder.
  const found = source && (await accessTo(parts, exchange.actor, source, ['pull']));
  if (!found?.isAllowed) return false;
  const size = await sizeAt(parts, found, digest);
  if (size === undefined) return false;
  if (!(await linkBlob(parts, target.id, { digest, size }))) return false;
  const repository = exchange.path.path;
  parts.events.report({ kind: 'blob-mounted', repository, digest, from: found.path.path });
  return true;
}

/** The size of the blob where it is: in a repository of the hub, or in the cache of one upstream. */
async function sizeAt(
  { blobs, cache }: RegistryParts,
  { repository, upstream }: Access,
  digest: Digest,
): Promise<number | undefined> {
  if (repository) return blobs.sizeOf(repository.id, digest);
  return upstream && !upstream.isHidden ? cache.blobs.sizeOf(upstream, digest) : undefined;
}

async function sourceOf(
  { blobs }: RegistryParts,
  { actor }: Exchange,
  digest: Digest,
  from: string | null,
): Promise<RepositoryPath | undefined> {
  if (from !== null) return tryParseRepositoryPath(from);
  return blobs.holderOf(digest, actor.kind === 'account' ? actor.name : undefined);
}
