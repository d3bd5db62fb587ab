/** Digests of files in layers, which never change: known once they were asked for. Lost with the engine. */
import type { Digest } from '../../../oci/image/digest.ts';

const most = 10_000;

export class FileDigests {
  readonly #known = new Map<Digest, Digest>();

  /** @param question names the layers and what is taken of them. */
  async of(question: Digest, digest: () => Promise<Digest>): Promise<Digest> {
    const known = this.#known.get(question);
    if (known !== undefined) return known;
    const found = await digest();
    this.#known.set(question, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
    return found;
  }
}
