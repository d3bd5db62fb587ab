/**
 * The bodies that are being received, by repository: what pages show of a push while its layers arrive. Nothing is counted here.
 * An ingest knows its size already, and only who watches asks for it.
 */
export interface Arriving {
  /** In bytes, so far. */
  readonly size: number;
}

export class Arrivals {
  readonly #byRepository = new Map<number, Set<Arriving>>();

  /** One more, until disposed. */
  enter(repositoryId: number, arriving: Arriving): Disposable {
    const known = this.#byRepository.get(repositoryId);
    if (known) known.add(arriving);
    else this.#byRepository.set(repositoryId, new Set([arriving]));
    return { [Symbol.dispose]: () => this.#leave(repositoryId, arriving) };
  }

  /** Of all repositories. */
  get count(): number {
    let count = 0;
    for (const arriving of this.#byRepository.values()) count += arriving.size;
    return count;
  }

  /** In the order in which they began. */
  of(repositoryId: number): Iterable<Arriving> {
    return this.#byRepository.get(repositoryId) ?? [];
  }

  /** By repository. */
  all(): Iterable<readonly [number, Iterable<Arriving>]> {
    return this.#byRepository;
  }

  #leave(repositoryId: number, arriving: Arriving): void {
    const known = this.#byRepository.get(repositoryId);
    known?.delete(arriving);
    if (known?.size === 0) this.#byRepository.delete(repositoryId);
  }
}
