/** Blobs in memory, with the disk store's behaviour: for tests that need a store and no disk. */
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import { type Digest, algorithmOf, digestOf } from '../image/digest.ts';
import type { BlobInfo, ContentStore, Ingest, IngestReader } from './content-store.ts';
import { ingestIdPattern } from './disk-content-store.ts';
import { type Expected, checkExpected } from './verify.ts';

interface Held {
  bytes: Uint8Array<ArrayBuffer>;
  isOpen: boolean;
  readonly isReserved: boolean;
  written: Date;
}

export class MemoryContentStore implements ContentStore {
  readonly isRemote = false;
  readonly #blobs = new Map<Digest, { readonly blob: Blob; readonly sent: Date }>();
  readonly #ingests = new Map<string, Held>();

  /** Puts bytes in directly and returns what they are called. */
  put(bytes: Uint8Array | string): BlobInfo {
    const blob = new Blob([typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)]);
    const digest = digestOf(bytes);
    this.#blobs.set(digest, { blob, sent: new Date() });
    return { digest, size: blob.size };
  }

  async stat(digest: Digest): Promise<BlobInfo | undefined> {
    const found = this.#blobs.get(digest);
    return found && { digest, size: found.blob.size };
  }

  async open(digest: Digest): Promise<Blob> {
    const found = this.#blobs.get(digest);
    if (!found) throw new NotFoundError(`no such blob: ${digest}`);
    return found.blob;
  }

  async ingest(id: string): Promise<Ingest> {
    if (!ingestIdPattern.test(id)) throw new InvalidError(`invalid ingest id: ${JSON.stringify(id)}`);
    const held = this.#ingests.get(id) ?? emptyIngest(false);
    if (held.isOpen) throw new ConflictError(`ingest ${id} is open already`);
    held.isOpen = true;
    this.#ingests.set(id, held);
    return new MemoryIngest(id, held, {
      forget: () => this.#ingests.delete(id),
      publish: (digest, blob) => this.#blobs.set(digest, { blob, sent: new Date() }),
    });
  }

  async reserve(id: string): Promise<void> {
    if (!ingestIdPattern.test(id)) throw new InvalidError(`invalid ingest id: ${JSON.stringify(id)}`);
    if (this.#ingests.has(id)) throw new ConflictError('there is an ingest of this name');
    this.#ingests.set(id, emptyIngest(true));
  }

  async ingestSize(id: string): Promise<number | undefined> {
    return this.#ingests.get(id)?.bytes.length;
  }

  async delete(digest: Digest): Promise<void> {
    this.#blobs.delete(digest);
  }

  async deleteOlder(digest: Digest, before: Date): Promise<number | undefined> {
    const found = this.#blobs.get(digest);
    if (!found || found.sent >= before) return undefined;
    this.#blobs.delete(digest);
    return found.blob.size;
  }

  async *list(before?: Date): AsyncGenerator<BlobInfo, void, undefined> {
    for (const [digest, { blob, sent }] of this.#blobs) {
      if (!(before && sent >= before)) yield { digest, size: blob.size };
    }
  }

  async sweepIngests(before: Date, prefix = ''): Promise<void> {
    for (const [id, held] of this.#ingests) {
      if (id.startsWith(prefix) && !held.isOpen && held.written < before) this.#ingests.delete(id);
    }
  }
}

function emptyIngest(isReserved: boolean): Held {
  return { bytes: new Uint8Array(), isOpen: false, isReserved, written: new Date() };
}

interface MemoryHome {
  forget(): void;
  publish(digest: Digest, blob: Blob): void;
}

class MemoryIngest implements Ingest {
  readonly id: string;
  readonly #held: Held;
  readonly #home: MemoryHome;
  #isOpen = true;

  constructor(id: string, held: Held, home: MemoryHome) {
    this.id = id;
    this.#held = held;
    this.#home = home;
  }

  get size(): number {
    return this.#held.bytes.length;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireOpen();
    const joined = new Uint8Array(this.size + chunk.length);
    joined.set(this.#held.bytes);
    joined.set(chunk, this.size);
    this.#held.bytes = joined;
    this.#held.written = new Date();
  }

  async commit(expected: Expected = {}, verified?: () => void): Promise<BlobInfo> {
    this.#requireOpen();
    await this.abort();
    const { bytes } = this.#held;
    const algorithm = expected.digest ? algorithmOf(expected.digest) : 'sha256';
    const info = { digest: digestOf(bytes, algorithm), size: bytes.length };
    checkExpected(info, expected);
    verified?.();
    this.#home.publish(info.digest, new Blob([bytes]));
    return info;
  }

  async reader(): Promise<IngestReader> {
    this.#requireOpen();
    const held = this.#held;
    return {
      async read(buffer, position) {
        const bytes = held.bytes.subarray(position, position + buffer.byteLength);
        buffer.set(bytes);
        return bytes.byteLength;
      },
      close: async () => undefined,
    };
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#home.forget();
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#held.isOpen = false;
    if (this.size === 0 && !this.#held.isReserved) this.#home.forget();
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new ConflictError(`ingest ${this.id} is closed`);
  }
}
