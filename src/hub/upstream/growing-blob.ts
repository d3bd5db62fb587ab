/**
 * A blob on its way from upstream, for everybody who waits for it: it is fetched once, as fast as upstream gives it, into an ingest,
 * and each of them reads along there at their own pace: who keeps up is given what has just come, and reads nothing. Its end is withheld until all of it is verified, so that
 * nobody is ever given the whole of something else, and not until it is on the disk: that is the cache's own affair.
 */
import type { ContentStore, IngestReader } from '../../oci/content/content-store.ts';
import { readAlong } from '../../oci/content/read-along.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';

export type Expected = Pick<Descriptor, 'digest' | 'size'>;

/** In bytes. */
const withheld = 64 * 1024;
const readSize = 256 * 1024;

/** Where it grows. */
export interface GrowingPlace {
  readonly contents: ContentStore;
  /** For what a store that gives nothing before the commit cannot be asked for. */
  readonly directory: string;
}

export class GrowingBlob {
  readonly size: number;
  /** The bytes are a blob of the store, or it was not to be had: rejects with why. */
  readonly ended: Promise<void>;
  readonly #expected: Expected;
  readonly #place: GrowingPlace;
  #readable = 0;
  #reader: IngestReader | undefined;
  /** What came last, and where it begins. */
  #latest: { readonly start: number; readonly bytes: Uint8Array } | undefined;
  #readers = 0;
  #failure: { readonly error: unknown } | undefined;
  #hasEnded = false;
  #grown = Promise.withResolvers<void>();

  /**
   * @param source its bytes, from the first on.
   * @param publish runs when it is a blob of the store.
   */
  constructor(
    place: GrowingPlace,
    expected: Expected,
    source: () => AsyncIterable<Uint8Array>,
    publish: () => Promise<void>,
  ) {
    this.size = expected.size;
    this.#expected = expected;
    this.#place = place;
    this.ended = this.#run(source, publish);
    // Those who read along hear of it there.
    this.ended.catch(() => undefined);
  }

  /** Nobody can begin to read along any more: it is in the store, or nowhere. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves with the first bytes, or when it has ended. @throws why there are none */
  async begun(): Promise<void> {
    while (this.#readable === 0 && !this.#hasEnded) await this.#grown.promise;
    if (this.#readable === 0 && this.#failure) throw this.#failure.error;
  }

  /** Bytes from `start` up to `end`, as they come. Fails in the place of its end when they are not what they have to be. */
  stream(start: number, end: number): ReadableStream<Uint8Array> {
    let position = start;
    this.#readers += 1;
    let isOpen = true;
    const leave = (): void => {
      if (isOpen) this.#leave();
      isOpen = false;
    };
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const chunk = await this.#read(position, end);
            position += chunk.byteLength;
            controller.enqueue(chunk);
            if (position < end) return;
            leave();
            controller.close();
          } catch (error) {
            leave();
            controller.error(error);
          }
        },
        cancel: leave,
      },
      { highWaterMark: 1 },
    );
  }

  async #read(position: number, end: number): Promise<Uint8Array> {
    while (this.#readable <= position && !this.#hasEnded) await this.#grown.promise;
    if (this.#failure && this.#readable < this.size) throw this.#failure.error;
    const readable = Math.min(this.#readable, end);
    const latest = this.#latest;
    if (latest && latest.start <= position)
      return latest.bytes.subarray(position - latest.start, readable - latest.start);
    const buffer = new Uint8Array(Math.min(readSize, readable - position));
    const count = (await this.#reader?.read(buffer, position)) ?? 0;
    if (count === 0) throw new RangeError('the end of the ingest is before its size');
    return buffer.subarray(0, count);
  }

  async #run(source: () => AsyncIterable<Uint8Array>, publish: () => Promise<void>): Promise<void> {
    try {
      await this.#fetch(source);
      await publish();
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#hasEnded = true;
      this.#grown.resolve();
      if (this.#readers === 0) await this.#reader?.close();
    }
  }

  async #fetch(source: () => AsyncIterable<Uint8Array>): Promise<void> {
    const ingest = await this.#place.contents.ingest(`upstream-${crypto.randomUUID()}`);
    try {
      const { write, reader } = await readAlong(ingest, this.#place.directory);
      this.#reader = reader;
      for await (const chunk of source()) {
        await write(chunk);
        this.#latest = { start: ingest.size - chunk.byteLength, bytes: chunk };
        this.#grow(Math.min(ingest.size, this.size - withheld));
      }
    } catch (error) {
      await ingest.abort();
      throw error;
    }
    await ingest.commit(this.#expected, () => this.#grow(this.size));
  }

  #grow(readable: number): void {
    if (readable <= this.#readable) return;
    this.#readable = readable;
    const grown = this.#grown;
    this.#grown = Promise.withResolvers();
    grown.resolve();
  }

  #leave(): void {
    this.#readers -= 1;
    if (this.#readers === 0 && this.#hasEnded) void this.#reader?.close();
  }
}
