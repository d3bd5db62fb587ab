/**
 * How a copy of the hub leaves others to go on: it says that it is not ready, still answers until whoever balances has seen it, and
 * lets what is under way end. An upload that is cut off then can be gone on with, at another copy where they share a store.
 */

export interface DrainTimes {
  /** In milliseconds: how long new connections are still taken. */
  readonly listening: number;
  /** And then, how long requests under way have to end. */
  readonly ending: number;
}

/** In milliseconds: what has been cut off has this long to keep what came. */
const keeping = 10_000;

export class Draining {
  readonly times: DrainTimes;
  #underWay = 0;
  #isBegun = false;
  #whenIdle: () => void = () => undefined;

  constructor(times: DrainTimes) {
    this.times = times;
  }

  /** From here on clients are asked to connect anew for their next request. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Resolves when no new connections are to be taken any more. */
  async begin(): Promise<void> {
    this.#isBegun = true;
    await Bun.sleep(this.times.listening);
  }

  /** A request is under way until it leaves: once it is answered. */
  enter(): void {
    this.#underWay += 1;
  }

  leave(): void {
    this.#underWay -= 1;
    if (this.#underWay === 0) this.#whenIdle();
  }

  /** Resolves when whatever was under way has been answered, or has had its time after its connection was cut off. */
  async settled(): Promise<void> {
    if (this.#underWay === 0) return;
    const idle = new Promise<void>((resolve) => (this.#whenIdle = resolve));
    await Promise.race([idle, Bun.sleep(keeping)]);
  }
}
