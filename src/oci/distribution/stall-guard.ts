/** Notices that a registry has fallen silent in the middle of a blob, and names that end. */
import { UnavailableError } from '../../lib/errors.ts';

/** The stream of a blob ended before its time. */
export class BrokenStreamError extends UnavailableError {}

/** A registry that is silent for so long is taken for gone, where nothing else is said. */
const usualPatience = 60_000;

/** Aborts a request when nothing came for too long; stopped while the reader, not the registry, takes its time. */
export class StallGuard implements Disposable {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal;
  readonly #patience: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param patience in milliseconds. */
  constructor(signal: AbortSignal | undefined, patience = usualPatience) {
    this.#patience = patience;
    this.signal = signal ? AbortSignal.any([signal, this.#controller.signal]) : this.#controller.signal;
    this.start();
  }

  start(): void {
    this.#timer = setTimeout(
      () => this.#controller.abort(new BrokenStreamError('the registry fell silent')),
      this.#patience,
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
