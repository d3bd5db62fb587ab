/** Gives memory back when the engine has nothing to do: a busy minute's garbage and code would stay resident for hours. */
import { releaseProgramPages } from './linux/program-pages.ts';

/** After the last request. */
const quietFor = 3000;

export class IdleMemory implements Disposable {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Something is being done: collecting waits until it has been quiet again. */
  touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      Bun.gc(true);
      releaseProgramPages();
    }, quietFor);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
