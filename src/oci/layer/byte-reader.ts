/** Bytes by count from a stream of chunks, however those are cut. Holds one chunk at a time. */
import { CorruptError } from '../../lib/errors.ts';

export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  /** Where the unread part of the chunk begins. */
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to `max` bytes, at least one, without a copy; undefined at the end of the stream. */
  async some(max: number): Promise<Uint8Array | undefined> {
    if (this.#left === 0 && !(await this.#fill())) return undefined;
    const part = this.#chunk.subarray(this.#at, this.#at + max);
    this.#at += part.length;
    return part;
  }

  /** Exactly `size` bytes. @throws CorruptError when the stream ends before. */
  async read(size: number): Promise<Buffer> {
    if (this.#left >= size) {
      const whole = Buffer.from(this.#chunk.buffer, this.#chunk.byteOffset + this.#at, size);
      this.#at += size;
      return whole;
    }
    const bytes = Buffer.alloc(size);
    for (let done = 0; done < size;) {
      const part = await this.some(size - done);
      if (!part) throw unexpectedEnd();
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** @throws CorruptError when the stream ends before. */
  async skip(size: number): Promise<void> {
    for (let rest = size; rest > 0;) {
      const part = await this.some(rest);
      if (!part) throw unexpectedEnd();
      rest -= part.length;
    }
  }

  async isAtEnd(): Promise<boolean> {
    return this.#left === 0 && !(await this.#fill());
  }

  /** Reads to the end, so that whoever counts or hashes the stream sees all of it. */
  async drain(): Promise<void> {
    while (await this.some(Number.MAX_SAFE_INTEGER)) continue;
  }

  /** Gives the source back unread. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  get #left(): number {
    return this.#chunk.length - this.#at;
  }

  async #fill(): Promise<boolean> {
    while (this.#left === 0) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#chunk = next.value;
      this.#at = 0;
    }
    return true;
  }
}

export function unexpectedEnd(): CorruptError {
  return new CorruptError('archive/tar: unexpected EOF');
}
