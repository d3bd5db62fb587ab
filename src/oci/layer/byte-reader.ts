/** Bytes by count from a source of chunks, however those are cut. Holds one chunk at a time. */
import { CorruptError } from '../../lib/errors.ts';

/** Gives the next bytes, none at the end. They are the caller's until it asks again. */
export type ByteSource = () => Uint8Array;

export class ByteReader {
  readonly #source: ByteSource;
  #chunk: Uint8Array = new Uint8Array();
  /** Where the unread part of the chunk begins. */
  #at = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Up to `max` bytes, at least one, without a copy: good until the next call. Undefined at the end of the source. */
  some(max: number): Uint8Array | undefined {
    if (this.isAtEnd()) return undefined;
    const part = this.#chunk.subarray(this.#at, this.#at + max);
    this.#at += part.length;
    return part;
  }

  /** Exactly `size` bytes, good until the next call. @throws CorruptError when the source ends before. */
  read(size: number): Buffer {
    if (this.#left >= size) {
      const whole = Buffer.from(this.#chunk.buffer, this.#chunk.byteOffset + this.#at, size);
      this.#at += size;
      return whole;
    }
    const bytes = Buffer.alloc(size);
    for (let done = 0; done < size;) {
      const part = this.some(size - done);
      if (!part) throw unexpectedEnd();
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** @throws CorruptError when the source ends before. */
  skip(size: number): void {
    for (let rest = size; rest > 0;) {
      const part = this.some(rest);
      if (!part) throw unexpectedEnd();
      rest -= part.length;
    }
  }

  isAtEnd(): boolean {
    if (this.#left > 0) return false;
    this.#chunk = this.#source();
    this.#at = 0;
    return this.#chunk.length === 0;
  }

  /** Reads to the end, so that whoever counts or hashes the bytes sees all of them. */
  drain(): void {
    while (this.some(Number.MAX_SAFE_INTEGER)) continue;
  }

  get #left(): number {
    return this.#chunk.length - this.#at;
  }
}

export function unexpectedEnd(): CorruptError {
  return new CorruptError('archive/tar: unexpected EOF');
}
