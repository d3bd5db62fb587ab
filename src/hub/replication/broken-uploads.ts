/**
 * Uploads to other registries that broke: the next try of their tag goes on where they stood. Known as long as the hub runs; after a
 * kill -9 a blob that was on its way begins anew, and the registry forgets what it had of it.
 */
import type { BrokenUpload } from '../../oci/distribution/transfer.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';

const maxKnown = 1000;

export class BrokenUploads {
  readonly #known = new Map<string, BrokenUpload>();

  /** Whoever uploads has it for itself: another upload of the same blob meanwhile begins anew. */
  take(name: RepositoryName, digest: Digest): BrokenUpload {
    const key = keyOf(name, digest);
    const found = this.#known.get(key) ?? {};
    this.#known.delete(key);
    return found;
  }

  /** What was taken, once nobody sends to it any more; one that has ended is not kept. */
  putBack(name: RepositoryName, digest: Digest, broken: BrokenUpload): void {
    if (!broken.session) return;
    this.#known.set(keyOf(name, digest), broken);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxKnown) break;
      this.#known.delete(oldest);
    }
  }
}

function keyOf({ domain, path }: RepositoryName, digest: Digest): string {
  return `${domain}/${path}@${digest}`;
}
