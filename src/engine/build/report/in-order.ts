/** Things that are told in an order which is not that in which they happen: what comes too early waits for its turn. */

interface Place {
  readonly waiting: (() => void)[];
  isOver: boolean;
}

export class InOrder<Key> {
  #places = new Map<Key, Place>();
  /** How much of what waits there is. */
  #waiting = 0;
  #told = Promise.withResolvers<void>();

  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves when the next thing that waits is told. */
  get told(): Promise<void> {
    return this.#told.promise;
  }

  /** The order; those that are over already stay so. Comes again when there are more. */
  setOrder(keys: readonly Key[]): void {
    this.#places = new Map(keys.map((key) => [key, this.#places.get(key) ?? { waiting: [], isOver: false }]));
  }

  /** Tells at once where all before it are over. @param weight of what has to be kept otherwise. */
  say(key: Key, weight: number, tell: () => void): void {
    const place = this.#places.get(key);
    if (!place) return;
    this.#waiting += weight;
    place.waiting.push(() => {
      this.#waiting -= weight;
      tell();
      this.#told.resolve();
      this.#told = Promise.withResolvers();
    });
    this.#catchUp();
  }

  /** Nothing more will be said of it. */
  end(key: Key): void {
    const place = this.#places.get(key);
    if (place) place.isOver = true;
    this.#catchUp();
  }

  /** Tells all that waits, in order, whatever has not ended. */
  flush(): void {
    for (const { waiting } of this.#places.values()) for (const tell of waiting.splice(0)) tell();
  }

  #catchUp(): void {
    for (const { waiting, isOver } of this.#places.values()) {
      for (const tell of waiting.splice(0)) tell();
      if (!isOver) return;
    }
  }
}
