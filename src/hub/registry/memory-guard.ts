/**
 * Keeps memory flat while bodies pass through: their chunks lie outside of the heap, where the collector notices them late. It is
 * called when the process has grown by so much, which one upload alone seldom does.
 */
const lookEvery = 8 * 1024 * 1024;
const growth = 24 * 1024 * 1024;

export class MemoryGuard {
  #passed = 0;
  #resident = process.memoryUsage.rss();

  /** After so many bytes that nobody needs any more. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed < lookEvery) return;
    this.#passed = 0;
    if (process.memoryUsage.rss() < this.#resident + growth) return;
    Bun.gc(true);
    this.#resident = process.memoryUsage.rss();
  }
}
