/** One run for all who ask for the same at the same time. */
export class SharedWork<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** What `work` gives, or what the run of that key gives that goes on already. */
  run(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running) return running;
    const begun = work().finally(() => this.#running.delete(key));
    this.#running.set(key, begun);
    return begun;
  }
}
