/** The way back: every step that takes something pushes its undo; success forgets them, failure runs them in reverse. */

export class UndoStack implements AsyncDisposable {
  #steps: (() => unknown)[] = [];

  /** Registers how to give back what was just taken. */
  push(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** The whole worked: nothing is to be undone any more. */
  commit(): void {
    this.#steps = [];
  }

  /** Runs the steps in reverse. One that fails does not stop the others; what it threw is dropped, since an error is on its way already. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step();
      } catch {
        // The error that led here is the one to report.
      }
    }
  }
}
