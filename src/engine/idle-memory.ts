/** Gives memory back when the engine has nothing to do: garbage of a busy minute would stay resident for hours otherwise. */

/** After the last request. */
const quietFor = 3000;

export class IdleMemory implements Disposable {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Something is being done: collecting waits until it has been quiet again. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => Bun.gc(true), quietFor);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
