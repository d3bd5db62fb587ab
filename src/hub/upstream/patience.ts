/** How long the hub waits for an upstream registry, and what ends a question that it does not answer. */
import { UpstreamAwayError } from './upstream-error.ts';

/** In milliseconds. */
export interface Patience {
  /** Until it has answered anything: with no network nobody is to wait longer. */
  readonly first: number;
  /** Until all of a small answer is here, or the head of a large one. */
  readonly whole: number;
  /** Without a byte of what it has begun to send. */
  readonly stall: number;
  /** One that did not answer is not asked again for so long. */
  readonly away: number;
  /** Until others are through, where as much is on its way from it as may be. */
  readonly turn: number;
}

export const usualPatience: Patience = {
  first: 5000,
  whole: 20_000,
  stall: 15_000,
  away: 30_000,
  turn: 30_000,
};

/** Ends a question: soon, while nothing at all is heard, and later in any case. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor({ first, whole }: Patience, name: string, hasAnswered: () => boolean) {
    const end = (): void => this.#controller.abort(new UpstreamAwayError(`${name} does not answer`));
    this.#timer = setTimeout(() => {
      if (!hasAnswered()) end();
      else this.#timer = setTimeout(end, whole - first);
    }, first);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Not every step of the work hears of the signal: nobody waits for those that do not. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
