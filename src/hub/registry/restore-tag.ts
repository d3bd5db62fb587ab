/** Brings a deleted tag back: a push of the manifest that it named, from what was kept of it. */
import { ConflictError, NotFoundError } from '../../lib/errors.ts';
import type { Changes } from '../changes.ts';
import { type DeletedTagStore, forgetDeletedTag } from '../repositories/deleted-tag-store.ts';
import { hasTag } from '../repositories/tag-store.ts';
import { RegistryFailure } from './failure.ts';
import { pushManifest, type PushParts } from './push-manifest.ts';

interface RestoreParts extends PushParts {
  readonly deletedTags: DeletedTagStore;
  readonly changes: Changes;
}

interface Restoration {
  readonly repositoryId: number;
  /** Its path. */
  readonly repository: string;
  /** Of the deletion: a name may have been deleted several times. */
  readonly id: number;
  readonly since: Date;
  readonly restoredBy: { readonly id: number; readonly name: string };
}

/** The tag's name. @throws NotFoundError, ConflictError; nothing has changed then. */
export async function restoreTag(
  parts: RestoreParts,
  { repositoryId, repository, id, since, restoredBy }: Restoration,
): Promise<string> {
  const { name, digest } = await parts.deletedTags.get(repositoryId, id, since);
  const manifest =
    (await parts.manifests.get(repositoryId, { digest })) ??
    (await parts.deletedTags.manifest(repositoryId, digest));
  if (!manifest) throw new NotFoundError('the image of this tag is no longer there');
  try {
    await pushManifest(
      parts,
      {
        repositoryId,
        bytes: manifest.bytes,
        contentType: manifest.media_type,
        digest,
        tags: [name],
        pushedBy: restoredBy.id,
      },
      async (transaction) => {
        if (await hasTag(transaction, repositoryId, name)) {
          throw new ConflictError(`there is a tag ${name} again: delete it first`);
        }
        await forgetDeletedTag(transaction, id);
      },
      () =>
        parts.changes.record({ kind: 'tag-restored', repository, account: restoredBy.name, reference: name }),
    );
  } catch (error) {
    if (!(error instanceof RegistryFailure)) throw error;
    throw new ConflictError(`cannot bring ${name} back, something that it needs is gone: ${error.message}`, {
      cause: error,
    });
  }
  return name;
}
