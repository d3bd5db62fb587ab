/** One at a time for each key: start, remove and the end of one container never overlap. */

export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `action` after all that hold or await this key. Not reentrant. */
  async run<Result>(key: string, action: () => Promise<Result>): Promise<Result> {
    const previous = this.#tails.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tails.set(key, promise);
    try {
      await previous;
      return await action();
    } finally {
      if (this.#tails.get(key) === promise) this.#tails.delete(key);
      resolve();
    }
  }

  /** Resolves when nobody holds or awaits any key. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
