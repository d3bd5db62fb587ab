/**
 * One blob on its way in: an append-only file that becomes a blob by rename, or is forgotten.
 * The pull's download and the hub's upload session are both this.
 */
import { writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from '../../lib/atomic-file.ts';
import { ConflictError, UnavailableError, errnoOf } from '../../lib/errors.ts';
import { type Digest, type DigestAlgorithm, Digester, algorithmOf } from '../image/digest.ts';
import type { BlobInfo, Ingest } from './content-store.ts';
import { type Expected, checkExpected } from './verify.ts';

/** What an ingest needs to know of the store that it belongs to. */
export interface IngestHome {
  ingestPath(id: string): string;
  blobPath(digest: Digest): string;
  /** The ingest is no longer open; `hash` covers the bytes that stay behind. */
  closed(id: string, hash?: RunningHash): void;
}

/** A hash of the first `digester.size` bytes of an ingest. */
export interface RunningHash {
  readonly digester: Digester;
}

const readAgainSize = 1024 * 1024;
/**
 * So many new bytes are sent to the disk while more arrive, so that little is left to sync at the end; with twice as many the
 * next one waits, so that a write goes to memory and never to a disk that is behind.
 */
const flushEvery = 16 * 1024 * 1024;

export class DiskIngest implements Ingest {
  readonly id: string;
  readonly #home: IngestHome;
  readonly #file: FileHandle;
  /** Undefined after a resume whose earlier bytes this process has not hashed. */
  readonly #digester: Digester | undefined;
  #size: number;
  #state: 'open' | 'closed' = 'open';
  #flushedTo = 0;
  #flushing: Promise<void> | undefined;
  /** A write that failed leaves a hole: the ingest can't be committed any more. */
  #failure: unknown;

  private constructor(id: string, home: IngestHome, file: FileHandle, size: number, hash?: RunningHash) {
    this.id = id;
    this.#home = home;
    this.#file = file;
    this.#size = size;
    if (hash?.digester.size === size) this.#digester = hash.digester;
    else this.#digester = size === 0 ? new Digester() : undefined;
  }

  static async open(id: string, home: IngestHome, hash?: RunningHash): Promise<DiskIngest> {
    const path = home.ingestPath(id);
    const file = await openOrCreate(path);
    try {
      return new DiskIngest(id, home, file, (await file.stat()).size, hash);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireOpen();
    const position = this.#size;
    this.#size += chunk.byteLength;
    this.#digester?.update(chunk);
    try {
      writeFully(this.#file.fd, chunk, position);
      this.#flushAhead();
      if (this.#size - this.#flushedTo >= flushEvery) await this.#flushing;
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  async commit(expected: Expected = {}): Promise<BlobInfo> {
    this.#requireOpen();
    this.#state = 'closed';
    try {
      if (this.#failure) throw this.#failure;
      const digest = await this.#digest(expected.digest ? algorithmOf(expected.digest) : 'sha256');
      const info = { digest, size: this.#size };
      checkExpected(info, expected);
      await this.#publish(info);
      return info;
    } catch (error) {
      await this.#discard();
      throw error;
    } finally {
      this.#home.closed(this.id);
    }
  }

  async abort(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    try {
      await this.#discard();
    } finally {
      this.#home.closed(this.id);
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const whole = this.#digester !== undefined && this.#failure === undefined;
    try {
      await this.#flushing;
      if (this.#size === 0) await this.#discard();
      else await this.#file.sync();
    } finally {
      await this.#file.close().catch(() => undefined);
      this.#home.closed(this.id, whole && this.#digester ? { digester: this.#digester } : undefined);
    }
  }

  async #digest(algorithm: DigestAlgorithm): Promise<Digest> {
    if (this.#digester?.algorithm === algorithm) return this.#digester.digest();
    const digester = new Digester(algorithm);
    const buffer = new Uint8Array(readAgainSize);
    while (digester.size < this.#size) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, digester.size);
      if (bytesRead === 0) break;
      digester.update(buffer.subarray(0, bytesRead));
    }
    return digester.digest();
  }

  /** One at a time, and nobody waits for it. Its failure shows again in the sync at the end. */
  #flushAhead(): void {
    if (this.#flushing || this.#state !== 'open' || this.#size - this.#flushedTo < flushEvery) return;
    this.#flushedTo = this.#size;
    this.#flushing = this.#file
      .datasync()
      .catch(() => undefined)
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  /** fsync before rename: a name in blobs/ always has all of its bytes behind it. */
  async #publish(info: BlobInfo): Promise<void> {
    const target = this.#home.blobPath(info.digest);
    const source = this.#home.ingestPath(this.id);
    if ((await hasSize(target, info.size)) && (await markAsSent(target))) {
      await this.#discard();
    } else {
      await this.#flushing;
      await this.#file.chmod(0o444);
      await this.#file.sync();
      await this.#file.close();
      await makeDirectoryDurable(dirname(target));
      await rename(source, target);
    }
    // Also for a blob found there: whoever renamed it may not have come to this line yet.
    await syncDirectory(dirname(target));
  }

  async #discard(): Promise<void> {
    await this.#flushing;
    await this.#file.close().catch(() => undefined);
    await unlink(this.#home.ingestPath(this.id)).catch(() => undefined);
  }

  #requireOpen(): void {
    if (this.#state !== 'open') throw new ConflictError(`ingest ${this.id} is closed`);
  }
}

async function openOrCreate(path: string): Promise<FileHandle> {
  // Not 'a': Linux appends whatever the position, and writes may be under way together.
  const flags = 'r+';
  try {
    return await open(path, flags);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(path), { recursive: true });
    return open(path, 'wx+', 0o600);
  }
}

/** At once: the way to another thread and back takes longer than the copy, and chunks would pile up meanwhile. */
function writeFully(descriptor: number, chunk: Uint8Array, position: number): void {
  try {
    for (let done = 0; done < chunk.byteLength;) {
      done += writeSync(descriptor, chunk, done, chunk.byteLength - done, position + done);
    }
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new UnavailableError('cannot write blob: no space left on device', { cause: error });
    }
    throw error;
  }
}

async function hasSize(path: string, size: number): Promise<boolean> {
  try {
    return (await stat(path)).size === size;
  } catch {
    return false;
  }
}

/** For whoever removes what is old and unused. False when that has just happened. */
async function markAsSent(path: string): Promise<boolean> {
  try {
    const now = new Date();
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** A new directory's own name has to reach the disk as well, up to the first one that was there before. */
async function makeDirectoryDurable(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}
