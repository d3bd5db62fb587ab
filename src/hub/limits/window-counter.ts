/** Counts by key within a window of time that begins with the first; forgets the oldest keys rather than take more memory. */

/** At most so many within a window, in milliseconds. */
export interface Rate {
  readonly max: number;
  readonly window: number;
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

  add(key: string): void {
    const count = this.#current(key);
    if (count) {
      count.value += 1;
      return;
    }
    this.#counts.delete(key);
    const oldest = this.#counts.keys().next();
    if (this.#counts.size >= maxKeys && !oldest.done) this.#counts.delete(oldest.value);
    this.#counts.set(key, { value: 1, until: performance.now() + this.rate.window });
  }

  takeBack(key: string): void {
    const count = this.#current(key);
    if (count && count.value > 0) count.value -= 1;
  }

  clear(key: string): void {
    this.#counts.delete(key);
  }

  #current(key: string): Count | undefined {
    const count = this.#counts.get(key);
    return count && count.until > performance.now() ? count : undefined;
  }
}
