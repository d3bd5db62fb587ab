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
  readonly #underWay = new Set<Promise<unknown>>();
  #isBegun = false;

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

  /** Counts a request as under way until it is answered, and asks its client to go when others shall go on. */
  async track(answering: Promise<Response>): Promise<Response> {
    this.#underWay.add(answering);
    try {
      const response = await answering;
      if (this.#isBegun) response.headers.set('Connection', 'close');
      return response;
    } finally {
      this.#underWay.delete(answering);
    }
  }

  /** Resolves when whatever was under way has been answered, or has had its time after its connection was cut off. */
  async settled(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#underWay), Bun.sleep(keeping)]);
  }
}
