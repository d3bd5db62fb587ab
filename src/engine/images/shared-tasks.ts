/**
 * Work that several ask for at once is done once: all of them see its progress and its end.
 * It is cancelled when the last of them has gone.
 */

export type Work<Event, Result> = (report: (event: Event) => void, signal: AbortSignal) => Promise<Result>;

interface Task<Event, Result> {
  readonly result: Promise<Result>;
  readonly controller: AbortController;
  readonly listeners: Set<(event: Event) => void>;
  last: Event | undefined;
}

export class SharedTasks<Key, Event, Result> {
  readonly #tasks = new Map<Key, Task<Event, Result>>();

  /**
   * Joins the work under this key, or begins it.
   * @param report sees the progress; who joins late gets the latest event first.
   * @param signal leaves; rejects with its reason.
   */
  async run(
    key: Key,
    work: Work<Event, Result>,
    report: (event: Event) => void,
    signal: AbortSignal,
  ): Promise<Result> {
    signal.throwIfAborted();
    const task = await this.#joinOrStart(key, work);
    if (task.last !== undefined) report(task.last);
    const listener = (event: Event): void => report(event);
    task.listeners.add(listener);
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
    try {
      return await Promise.race([task.result, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      task.listeners.delete(listener);
      if (task.listeners.size === 0)
        task.controller.abort(new DOMException('nobody waits any more', 'AbortError'));
    }
  }

  /** One that is being cancelled is waited for: its files and names are free only after it. */
  async #joinOrStart(key: Key, work: Work<Event, Result>): Promise<Task<Event, Result>> {
    for (let task = this.#tasks.get(key); task; task = this.#tasks.get(key)) {
      if (!task.controller.signal.aborted) return task;
      await task.result.catch(() => undefined);
    }
    return this.#start(key, work);
  }

  #start(key: Key, work: Work<Event, Result>): Task<Event, Result> {
    const controller = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const task: Task<Event, Result> = { result: promise, controller, listeners: new Set(), last: undefined };
    this.#tasks.set(key, task);
    const report = (event: Event): void => {
      task.last = event;
      for (const listener of task.listeners) listener(event);
    };
    // Forgotten before its end is told: who asks again after that begins anew.
    void work(report, controller.signal).then(
      (result) => {
        this.#tasks.delete(key);
        resolve(result);
      },
      (error: unknown) => {
        this.#tasks.delete(key);
        reject(error);
      },
    );
    // All who waited may have left.
    promise.catch(() => undefined);
    return task;
  }
}
