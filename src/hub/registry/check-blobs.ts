/**
 * Looks for bytes that a disk has changed or lost, also while the hub serves: every blob is read and hashed, and each one that a
 * repository holds is looked for. What is found can be taken away, so that the next push of the image sends it again.
 */
import { errnoOf, NotFoundError } from '../../lib/errors.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import { algorithmOf, type Digest, Digester } from '../../oci/image/digest.ts';
import type { HubDatabase } from '../db/database.ts';
import { heldBlobs, holdersOf, unlinkEverywhere } from '../repositories/blob-holders.ts';

export interface CheckParts {
  readonly database: HubDatabase;
  readonly contents: ContentStore;
}

export interface Damage {
  readonly digest: Digest;
  readonly kind: 'changed' | 'missing';
  /** Whose images are broken by it. */
  readonly repositories: readonly string[];
}

export async function* findDamage({ database, contents }: CheckParts): AsyncGenerator<Damage> {
  const damage = async (digest: Digest, kind: Damage['kind']): Promise<Damage> => ({
    digest,
    kind,
    repositories: await holdersOf(database.queries, digest),
  });
  for await (const { digest } of contents.list()) {
    if (!(await isWhole(contents, digest))) yield await damage(digest, 'changed');
  }
  for await (const digest of heldBlobs(database.queries)) {
    if (!(await contents.stat(digest))) yield await damage(digest, 'missing');
  }
}

/** Forgets the blob: a pull of it fails with 404 instead of giving wrong bytes, and a push sends it anew. */
export function takeAway({ database, contents }: CheckParts, { digest }: Damage): Promise<void> {
  return database.exclusively(async (queries) => {
    await unlinkEverywhere(queries, digest);
    await contents.delete(digest);
  });
}

async function isWhole(contents: ContentStore, digest: Digest): Promise<boolean> {
  const digester = new Digester(algorithmOf(digest));
  try {
    const blob = await contents.open(digest);
    for await (const chunk of blob.stream()) digester.update(chunk);
  } catch (error) {
    // Collected as garbage meanwhile.
    if (error instanceof NotFoundError || errnoOf(error) === 'ENOENT') return true;
    throw error;
  }
  return digester.digest() === digest;
}
