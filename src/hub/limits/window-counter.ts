/** Counts by key within a window of time that begins with the first; forgets the oldest keys rather than take more memory. */

/** At most so many within a window, in milliseconds. */
export interface Rate {
  readonly max: number;
  readonly window: number;
}

/** Of a key: forgotten first, where it is cleared, and then so many more, or fewer. */
export interface Change {
  readonly isCleared: boolean;
  readonly added: number;
}

const maxKeys = 10_000;

interface Count {
  value: number;
  /** By a clock that nobody sets. */
  readonly until: number;
}

export class WindowCounter {
  readonly rate: Rate;
  readonly #counts = new Map<string, Count>();
  #changed: (key: string, change: Change) => void = () => undefined;

  constructor(rate: Rate) {
    this.rate = rate;
  }

  /** How many are left for the key, and in how many milliseconds it starts anew. */
  left(key: string): { readonly remaining: number; readonly renewedIn: number } {
    const count = this.#current(key);
    if (!count) return { remaining: this.rate.max, renewedIn: this.rate.window };
    return {
      remaining: Math.max(this.rate.max - count.value, 0),
      renewedIn: count.until - performance.now(),
    };
  }

  /** Told of all that is counted here. */
  onChange(changed: (key: string, change: Change) => void): void {
    this.#changed = changed;
  }

  /** What was counted at another copy of the hub. */
  changedElsewhere(key: string, { isCleared, added }: Change): void {
    if (isCleared) this.#counts.delete(key);
    if (added !== 0) this.#add(key, added);
  }

  add(key: string): void {
    this.#add(key, 1);
    this.#changed(key, { isCleared: false, added: 1 });
  }

  takeBack(key: string): void {
    this.#add(key, -1);
    this.#changed(key, { isCleared: false, added: -1 });
  }

  clear(key: string): void {
    const count = this.#current(key);
    this.#counts.delete(key);
    if (count && count.value > 0) this.#changed(key, { isCleared: true, added: 0 });
  }

  #add(key: string, added: number): void {
    const count = this.#current(key);
    if (count) {
      count.value = Math.max(count.value + added, 0);
      return;
    }
    if (added < 0) return;
    this.#counts.delete(key);
    const oldest = this.#counts.keys().next();
    if (this.#counts.size >= maxKeys && !oldest.done) this.#counts.delete(oldest.value);
    this.#counts.set(key, { value: added, until: performance.now() + this.rate.window });
  }

  #current(key: string): Count | undefined {
    const count = this.#counts.get(key);
    return count && count.until > performance.now() ? count : undefined;
  }
}
