/** Blobs and layers that a verb under way counts on, though no image names them yet: not to be collected meanwhile. */
import type { Digest } from '../../oci/image/digest.ts';

export class Leases {
  readonly #holders = new Map<Digest, number>();

  /** Protects these until the lease is disposed. */
  hold(digests: Iterable<Digest>): Disposable {
    const held = [...digests];
    for (const digest of held) this.#holders.set(digest, (this.#holders.get(digest) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        for (const digest of held.splice(0)) this.#release(digest);
      },
    };
  }

  isHeld(digest: Digest): boolean {
    return this.#holders.has(digest);
  }

  #release(digest: Digest): void {
    const left = (this.#holders.get(digest) ?? 0) - 1;
    if (left > 0) this.#holders.set(digest, left);
    else this.#holders.delete(digest);
  }
}
