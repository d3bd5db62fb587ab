/** What was asked about files in layers, which never change: digests, owners. Lost with the engine. */
import type { Digest } from '../../../oci/image/digest.ts';

const most = 10_000;

export class FileFacts {
  readonly #known = new Map<Digest, string>();

  isKnown(question: Digest): boolean {
    return this.#known.has(question);
  }

  /** @param question names the layers and what is asked of them; the same one always has answers of the same kind. */
  async of<Answer extends string>(question: Digest, ask: () => Promise<Answer>): Promise<Answer> {
    const known = this.#known.get(question);
    if (known !== undefined) return known as Answer;
    const found = await ask();
    this.#known.set(question, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size > most && oldest !== undefined) this.#known.delete(oldest);
    return found;
  }
}
