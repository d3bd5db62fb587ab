/** A blob in an object store, read as it is asked for. A connection that breaks is taken up where it broke. */
import { NotFoundError, UnavailableError } from '../../lib/errors.ts';
import type { StoredBlob } from '../../oci/content/content-store.ts';
import { backOff } from './back-off.ts';
import type { S3Client } from './s3-client.ts';
import { isPassing, S3Error } from './s3-errors.ts';

/** In a row, without a byte in between. */
const maxFailures = 6;

export class S3Blob implements StoredBlob {
  readonly #client: S3Client;
  readonly #key: string;
  readonly #start: number;
  readonly #end: number;

  constructor(client: S3Client, key: string, start: number, end: number) {
    this.#client = client;
    this.#key = key;
    this.#start = start;
    this.#end = end;
  }

  get size(): number {
    return this.#end - this.#start;
  }

  slice(start = 0, end = this.size): S3Blob {
    const at = (position: number): number => this.#start + Math.min(Math.max(position, 0), this.size);
    return new S3Blob(this.#client, this.#key, at(start), Math.max(at(start), at(end)));
  }

  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const control = new AbortController();
    const source = this.#read(control.signal);
    return new ReadableStream(
      {
        async pull(controller) {
          const { value, done } = await source.next();
          if (control.signal.aborted) return;
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          // Or it would go on waiting for a byte.
          control.abort();
          await source.return();
        },
      },
      { highWaterMark: 0 },
    );
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Response(this.stream()).bytes();
  }

  text(): Promise<string> {
    return new Response(this.stream()).text();
  }

  async *#read(signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    let at = this.#start;
    for (let failures = 0; at < this.#end;) {
      try {
        for await (const chunk of this.#client.read(this.#key, at, this.#end, signal)) {
          at += chunk.byteLength;
          if (at > this.#end) throw new UnavailableError('the blob store sent more than was asked for');
          failures = 0;
          yield chunk;
        }
        if (at === this.#end) return;
        throw new UnavailableError('the blob store broke off');
      } catch (error) {
        failures += 1;
        if (signal.aborted) return;
        const isFinal =
          at > this.#end ||
          error instanceof NotFoundError ||
          (error instanceof S3Error && !isPassing(error.status));
        if (isFinal || failures === maxFailures) throw error;
      }
      await backOff(failures);
    }
  }
}
