/**
 * Keeps memory flat while many bodies pass through at once: their chunks lie outside of the heap, where the collector notices them
 * late. It is called when the process has grown by so much; a few bodies leave too little behind to stop for.
 */
const lookEvery = 8 * 1024 * 1024;
const growth = 16 * 1024 * 1024;
const few = 4;

export class MemoryGuard {
  #bodies = 0;
  #passed = 0;
  #resident = process.memoryUsage.rss();

  /** One more body, until disposed. */
  enter(): Disposable {
    this.#bodies += 1;
    return {
      [Symbol.dispose]: () => {
        this.#bodies -= 1;
      },
    };
  }

  /** After so many bytes that nobody needs any more. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < lookEvery || this.#bodies <= few) return;
    this.#passed = 0;
    if (process.memoryUsage.rss() < this.#resident + growth) return;
    Bun.gc(true);
    this.#resident = process.memoryUsage.rss();
  }
}
