/** Who reads a container's root while the container comes and goes: it stays mounted for as long as somebody holds it. */

export class RootHolds {
  readonly #counts = new Map<string, number>();
  /** Roots that nobody but their holders needs. */
  readonly #unwanted = new Set<string>();

  take(id: string): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** @returns true when it was the last one, and the root is to be unmounted. */
  release(id: string): boolean {
    const left = (this.#counts.get(id) ?? 1) - 1;
    if (left > 0) {
      this.#counts.set(id, left);
      return false;
    }
    this.#counts.delete(id);
    return this.#unwanted.delete(id);
  }

  /** The container itself wants its root again. */
  want(id: string): void {
    this.#unwanted.delete(id);
  }

  /** The container needs its root no longer. @returns false when somebody holds it: it is unmounted after them. */
  unwant(id: string): boolean {
    if (!this.#counts.has(id)) return true;
    this.#unwanted.add(id);
    return false;
  }
}
