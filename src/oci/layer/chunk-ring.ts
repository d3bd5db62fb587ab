/**
 * Chunks of bytes from one thread to another, in order, through memory that both see: a few slots, filled and emptied in turn.
 * Either side sleeps while the other lags behind. Nothing is copied: the writer fills a slot, the reader uses it in its place.
 * After the last chunk comes what the writer has to say at its end.
 */
import type { ByteSource } from './byte-reader.ts';

const slotCount = 6;
/** Small enough for all slots to stay in the processor's cache between the two. */
const slotSize = 256 * 1024;

/** Counters, each written by one side only, then the length of what is in each slot; of the last words it is negative. */
const filledAt = 0;
const emptiedAt = 1;
const lengthsAt = 2;
const controlSize = 4 * (lengthsAt + slotCount);

/** What both sides are made of; it can be given to another thread. */
export function ringMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(controlSize + slotCount * slotSize);
}

class Ring {
  protected readonly control: Int32Array;
  readonly #memory: SharedArrayBuffer;
  /** How many chunks this side is through with. */
  protected count = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.control = new Int32Array(memory, 0, lengthsAt + slotCount);
  }

  protected slot(length = slotSize): Uint8Array {
    return new Uint8Array(this.#memory, controlSize + (this.count % slotCount) * slotSize, length);
  }

  protected get lengthAt(): number {
    return lengthsAt + (this.count % slotCount);
  }

  /** Sleeps until the other side has counted to more than `count`. */
  protected waitFor(index: number, count: number): void {
    for (
      let seen = Atomics.load(this.control, index);
      seen <= count;
      seen = Atomics.load(this.control, index)
    ) {
      Atomics.wait(this.control, index, seen);
    }
  }

  protected advance(index: number): void {
    this.count += 1;
    Atomics.store(this.control, index, this.count);
    Atomics.notify(this.control, index);
  }
}

export class RingWriter extends Ring {
  /** A place for the next chunk; waits until there is one. */
  next(): Uint8Array {
    this.waitFor(emptiedAt, this.count - slotCount);
    return this.slot();
  }

  /** Hands over what was put into `next()`. */
  publish(length: number): void {
    this.control[this.lengthAt] = length;
    this.advance(filledAt);
  }

  /** Ends the chunks. @param lastWords not empty, and no longer than a chunk. */
  end(lastWords: string): void {
    const { written } = new TextEncoder().encodeInto(lastWords, this.next());
    this.publish(-written);
  }
}

export class RingReader extends Ring {
  #isHolding = false;
  #lastWords: string | undefined;

  /** Set once `next` has come to the end. */
  get lastWords(): string | undefined {
    return this.#lastWords;
  }

  /** Returns when the writer is at work. */
  waitForFirst(): void {
    this.waitFor(filledAt, 0);
  }

  /** The next chunk, good until the next call; an empty one at the end. */
  readonly next: ByteSource = () => {
    if (this.#lastWords !== undefined) return new Uint8Array();
    if (this.#isHolding) this.advance(emptiedAt);
    this.#isHolding = true;
    this.waitFor(filledAt, this.count);
    const length = this.control[this.lengthAt] ?? 0;
    if (length > 0) return this.slot(length);
    this.#lastWords = Buffer.from(this.slot(-length)).toString();
    return new Uint8Array();
  };
}
