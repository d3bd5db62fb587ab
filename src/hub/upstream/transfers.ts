/** Blobs on their way from one upstream registry: so many at once, the others wait in their order, and no longer than is said. */
import { UnavailableError } from '../../lib/errors.ts';
import { Slots } from '../../lib/slots.ts';

export interface TransferCounts {
  readonly running: number;
  readonly waiting: number;
}

export class Transfers {
  readonly #name: string;
  readonly #slots: Slots;
  readonly #patience: number;
  #running = 0;
  #waiting = 0;

  /**
   * @param name of the registry, for who waited too long.
   * @param patience in milliseconds: until it is one's turn.
   */
  constructor(name: string, most: number, patience: number) {
    this.#name = name;
    this.#slots = new Slots(most);
    this.#patience = patience;
  }

  get counts(): TransferCounts {
    return { running: this.#running, waiting: this.#waiting };
  }

  /** Waits for one's turn; dispose when the blob is here. @throws UnavailableError when that takes too long */
  async begin(signal: AbortSignal): Promise<Disposable> {
    const tooLong = AbortSignal.timeout(this.#patience);
    this.#waiting += 1;
    try {
      const slot = await this.#slots.take(AbortSignal.any([signal, tooLong]));
      this.#running += 1;
      return {
        [Symbol.dispose]: () => {
          this.#running -= 1;
          slot[Symbol.dispose]();
        },
      };
    } catch (error) {
      if (signal.aborted || !tooLong.aborted) throw error;
      throw new UnavailableError(
        `as much is on its way from ${this.#name} as may be (--upstream-transfers): try again later`,
      );
    } finally {
      this.#waiting -= 1;
    }
  }
}
