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

  /** Whoever uploads writes into it. */
  of(name: RepositoryName, digest: Digest): BrokenUpload {
    const key = keyOf(name, digest);
    const found = this.#known.get(key) ?? {};
    this.#known.delete(key);
    this.#known.set(key, found);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= maxKnown) break;
      this.#known.delete(oldest);
    }
    return found;
  }

  forget(name: RepositoryName, digest: Digest): void {
    this.#known.delete(keyOf(name, digest));
  }
}

function keyOf({ domain, path }: RepositoryName, digest: Digest): string {
  return `${domain}/${path}@${digest}`;
}
