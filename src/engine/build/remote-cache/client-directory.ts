/**
 * A cache's directory, which is the client's: its blobs over connections that the client has lent to the build, one for
 * each. To layers that come from it, it is what a registry's client is to others. engine-api/lent-directory.ts
 */
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  type DirectoryAnswer,
  type DirectoryRequest,
  encodeLine,
} from '../../../engine-api/lent-directory.ts';
import { CorruptError, NotFoundError, UnavailableError, UnsupportedError } from '../../../lib/errors.ts';
import { LineReader } from '../../../lib/line-reader.ts';
import type { ReceivedBlob } from '../../../oci/distribution/client.ts';
import type { BlobSource } from '../../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../../../oci/image/digest.ts';
import type { RepositoryName } from '../../../oci/image/reference.ts';
import type { BuildSession } from '../sessions.ts';

export class ClientDirectory {
  readonly #session: BuildSession;
  readonly #name: string;
  readonly #signal: AbortSignal;

  /** @throws UnsupportedError where the client does not lend it: docker's own does not know how. */
  constructor(session: BuildSession | undefined, name: string, signal: AbortSignal) {
    if (!session?.directories.has(name))
      throw new UnsupportedError("a cache of type local is the client's: cais build takes it");
    this.#session = session;
    this.#name = name;
    this.#signal = signal;
  }

  /** For layers that are brought from here. The name is nobody's: there is one repository. */
  get source(): BlobSource {
    const name = { domain: 'localhost', path: 'cache' } as RepositoryName;
    return {
      client: { getBlob: (_name, digest, offset, signal) => this.#read(digest, offset, signal) },
      name,
    };
  }

  async has(digest: Digest): Promise<boolean> {
    await using asked = await this.#ask({ kind: 'stat', digest });
    return (await asked.answer()).size !== undefined;
  }

  /** A blob that is held in memory, verified. @throws NotFoundError, CorruptError, UnavailableError */
  async small(digest: Digest, limit: number): Promise<Uint8Array> {
    await using asked = await this.#ask({ kind: 'read', digest, offset: 0 });
    const { size } = await asked.answer();
    if (size === undefined) throw missing(digest);
    if (size > limit)
      throw new CorruptError(`blob ${digest} is ${size} bytes large, at most ${limit} are read`);
    const bytes = Buffer.concat(await Array.fromAsync(asked.lines.bytes(size)));
    const found = digestOf(bytes, algorithmOf(digest));
    if (found !== digest)
      throw new CorruptError(`blob verification failed for digest ${digest}: got ${found}`);
    return bytes;
  }

  /** @param chunks exactly the blob. */
  async write({ digest, size }: Descriptor, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await using asked = await this.#ask({ kind: 'write', digest, size });
    // What a client could not write it says at the end.
    await pipeline(chunks, asked.connection, { end: false, signal: this.#signal });
    await asked.answer();
  }

  async tag(manifest: Descriptor, tag: string): Promise<void> {
    await using asked = await this.#ask({ kind: 'tag', manifest, tag });
    await asked.answer();
  }

  async #read(digest: Digest, offset = 0, signal?: AbortSignal): Promise<ReceivedBlob> {
    const asked = await this.#ask({ kind: 'read', digest, offset }, signal);
    const { size } = await asked.answer();
    if (size === undefined) {
      await asked[Symbol.asyncDispose]();
      throw missing(digest);
    }
    return { offset, stream: streamOf(asked, size - offset) };
  }

  async #ask(request: DirectoryRequest, signal = this.#signal): Promise<Asked> {
    const connection = await this.#session.take('directory', this.#name, signal);
    const asked = new Asked(connection, signal);
    connection.write(encodeLine(request));
    return asked;
  }
}

function missing(digest: Digest): NotFoundError {
  return new NotFoundError(`the cache directory lacks the blob ${digest}`);
}

/** Ends with the connection. */
function streamOf(asked: Asked, size: number): ReadableStream<Uint8Array> {
  const bytes = asked.lines.bytes(size);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { value, done } = await bytes.next();
        if (done !== true) return controller.enqueue(value);
        await asked[Symbol.asyncDispose]();
        controller.close();
      },
      cancel: () => asked[Symbol.asyncDispose](),
    },
    { highWaterMark: 0 },
  );
}

/** One connection with its request. */
class Asked implements AsyncDisposable {
  readonly connection: Duplex;
  readonly lines: LineReader;
  readonly #signal: AbortSignal;
  readonly #end = (): void => void this.connection.destroy();

  constructor(connection: Duplex, signal: AbortSignal) {
    this.connection = connection;
    this.#signal = signal;
    this.lines = new LineReader(connection as AsyncIterable<Uint8Array>);
    // Told by what is read and written; a client that has gone is no crash.
    connection.on('error', () => undefined);
    signal.addEventListener('abort', this.#end, { once: true });
  }

  /** @throws UnavailableError with what the client says. */
  async answer(): Promise<DirectoryAnswer> {
    const answer = await this.lines.value<DirectoryAnswer>();
    if (answer.error !== undefined) throw new UnavailableError(answer.error);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#end);
    this.connection.destroy();
  }
}
