/** Image configurations on their way here: pulls of one image at the same time ask its registry once. */
import type { RegistryClient } from '../../oci/distribution/client.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { maxConfigSize } from '../../oci/image/image-config.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';

interface Entry {
  readonly bytes: Promise<Uint8Array>;
  users: number;
}

/** The bytes of one configuration, shared until every pull that holds it is over. */
export interface HeldConfig extends Disposable {
  readonly bytes: Promise<Uint8Array>;
}

export class ConfigFetcher {
  readonly #entries = new Map<Digest, Entry>();

  /**
   * Fetches the configuration, or joins who does. A fetch that failed is forgotten: the next one begins anew.
   * @param known the bytes, where an image here has them already.
   */
  hold(client: RegistryClient, name: RepositoryName, descriptor: Descriptor, known?: Uint8Array): HeldConfig {
    if (known) return { bytes: Promise.resolve(known), [Symbol.dispose]: () => undefined };
    const { digest } = descriptor;
    const entry = this.#entries.get(digest) ?? this.#fetch(client, name, descriptor);
    entry.users++;
    return {
      bytes: entry.bytes,
      [Symbol.dispose]: () => {
        entry.users--;
        if (entry.users === 0) this.#forget(digest, entry);
      },
    };
  }

  #fetch(client: RegistryClient, name: RepositoryName, descriptor: Descriptor): Entry {
    const entry: Entry = { bytes: client.getSmallBlob(name, descriptor, maxConfigSize), users: 0 };
    this.#entries.set(descriptor.digest, entry);
    entry.bytes.catch(() => this.#forget(descriptor.digest, entry));
    return entry;
  }

  #forget(digest: Digest, entry: Entry): void {
    if (this.#entries.get(digest) === entry) this.#entries.delete(digest);
  }
}
