/**
 * One blob on its way in: an append-only file that becomes a blob by rename, or is forgotten.
 * The pull's download and the hub's upload session are both this.
 * Only what waits for the disk goes to another thread: for the rest the way there and back takes longer than the call.
 */
import {
  closeSync,
  fchmodSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  read,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncDirectory } from '../../lib/atomic-file.ts';
import { ConflictError, errnoOf } from '../../lib/errors.ts';
import { type Digest, type DigestAlgorithm, Digester, algorithmOf } from '../image/digest.ts';
import type { BlobInfo, Ingest } from './content-store.ts';
import { describeDiskError } from './disk-failure.ts';
import { FileReader } from './file-reader.ts';
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

/** In bytes: a block of the usual file systems. */
const smallestHole = 4096;

const readFromDisk = promisify(read);
const syncToDisk = promisify(fsync);
const syncDataToDisk = promisify(fdatasync);

export class DiskIngest implements Ingest {
  readonly id: string;
  readonly #home: IngestHome;
  readonly #file: OpenFile;
  /** Undefined after a resume whose earlier bytes this process has not hashed. */
  readonly #digester: Digester | undefined;
  #size: number;
  #state: 'open' | 'closed' = 'open';
  #flushedTo = 0;
  #flushing: Promise<void> | undefined;
  /** A write that failed leaves a hole: the ingest can't be committed any more. */
  #failure: unknown;

  private constructor(id: string, home: IngestHome, file: OpenFile, hash?: RunningHash) {
    const { size } = file;
    this.id = id;
    this.#home = home;
    this.#file = file;
    this.#size = size;
    if (hash?.digester.size === size) this.#digester = hash.digester;
    else this.#digester = size === 0 ? new Digester() : undefined;
  }

  static open(id: string, home: IngestHome, hash?: RunningHash): DiskIngest {
    return new DiskIngest(id, home, new OpenFile(home.ingestPath(id)), hash);
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
      this.#file.write(chunk, position);
      this.#flushAhead();
      if (this.#size - this.#flushedTo >= flushEvery) await this.#flushing;
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  async commit(expected: Expected = {}, verified?: () => void): Promise<BlobInfo> {
    this.#requireOpen();
    this.#state = 'closed';
    try {
      if (this.#failure) throw this.#failure;
      const digest = await this.#digest(expected.digest ? algorithmOf(expected.digest) : 'sha256');
      const info = { digest, size: this.#size };
      checkExpected(info, expected);
      verified?.();
      await this.#publish(info);
      return info;
    } catch (error) {
      // What a disk without room or rights does not let go of is swept later.
      await this.#discard().catch(() => undefined);
      throw describeDiskError(error);
    } finally {
      this.#home.closed(this.id);
    }
  }

  async reader(): Promise<FileReader> {
    this.#requireOpen();
    // A descriptor of its own: the file may get its other name, or none.
    return new FileReader(openSync(this.#home.ingestPath(this.id), 'r'));
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
      // One with a hole is of no use; on a full disk it would keep others from getting room.
      if (this.#failure !== undefined || (this.#size === 0 && this.#file.isNew)) await this.#discard();
    } finally {
      this.#file.close();
      this.#home.closed(this.id, whole && this.#digester ? { digester: this.#digester } : undefined);
    }
  }

  async #digest(algorithm: DigestAlgorithm): Promise<Digest> {
    if (this.#digester?.algorithm === algorithm) return this.#digester.digest();
    const digester = new Digester(algorithm);
    const buffer = new Uint8Array(readAgainSize);
    while (digester.size < this.#size) {
      const bytesRead = await this.#file.read(buffer, digester.size);
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
      .syncData()
      .catch(() => undefined)
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  /** fsync before rename: a name in blobs/ always has all of its bytes behind it. */
  async #publish(info: BlobInfo): Promise<void> {
    const target = this.#home.blobPath(info.digest);
    const source = this.#home.ingestPath(this.id);
    if (hasSize(target, info.size) && markAsSent(target)) {
      await this.#discard();
    } else {
      await this.#flushing;
      this.#file.protect();
      await this.#file.sync();
      this.#file.close();
      await makeDirectoryDurable(dirname(target));
      // Its age counts from here, however long the disk took.
      markAsSent(source);
      renameSync(source, target);
    }
    // Also for a blob found there: whoever renamed it may not have come to this line yet.
    await syncDirectory(dirname(target));
  }

  async #discard(): Promise<void> {
    await this.#flushing;
    this.#file.close();
    allowMissing(() => unlinkSync(this.#home.ingestPath(this.id)));
  }

  #requireOpen(): void {
    if (this.#state !== 'open') throw new ConflictError(`ingest ${this.id} is closed`);
  }
}

/** A file by its descriptor, which is closed once only: the number may be another file's by then. */
class OpenFile {
  /** It was made by opening it. */
  readonly isNew: boolean;
  readonly #descriptor: number;
  #isOpen = true;

  /** Opens the file, made when absent. */
  constructor(path: string) {
    // Not 'a': Linux appends whatever the position.
    const found = allowMissing(() => openSync(path, 'r+'));
    this.isNew = found === undefined;
    this.#descriptor = found ?? create(path);
  }

  get size(): number {
    return fstatSync(this.#descriptor).size;
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await readFromDisk(this.#descriptor, buffer, 0, buffer.length, position);
    return bytesRead;
  }

  /** At the end of the file. */
  write(chunk: Uint8Array, position: number): void {
    try {
      if (isHole(chunk)) return ftruncateSync(this.#descriptor, position + chunk.byteLength);
      for (let done = 0; done < chunk.byteLength;) {
        done += writeSync(this.#descriptor, chunk, done, chunk.byteLength - done, position + done);
      }
    } catch (error) {
      throw describeDiskError(error);
    }
  }

  protect(): void {
    fchmodSync(this.#descriptor, 0o444);
  }

  sync(): Promise<void> {
    return syncToDisk(this.#descriptor);
  }

  syncData(): Promise<void> {
    return syncDataToDisk(this.#descriptor);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
  }
}

const zeros = new Uint8Array(64 * 1024);

/** Zeros take no room, so that the layer of a sparse file is as small as the file. */
function isHole(chunk: Uint8Array): boolean {
  if (chunk.byteLength < smallestHole || chunk[0] !== 0 || chunk.at(-1) !== 0) return false;
  for (let at = 0; at < chunk.byteLength; at += zeros.byteLength) {
    const part = chunk.subarray(at, at + zeros.byteLength);
    if (Buffer.compare(part, zeros.subarray(0, part.byteLength)) !== 0) return false;
  }
  return true;
}

/** An empty file for an ingest that begins later. @throws ConflictError when there is one. */
export function reserveIngest(path: string): void {
  try {
    closeSync(create(path));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST')
      throw new ConflictError('there is an ingest of this name', { cause: error });
    throw describeDiskError(error);
  }
}

function create(path: string): number {
  const make = (): number => openSync(path, 'wx+', 0o600);
  const made = allowMissing(make);
  if (made !== undefined) return made;
  mkdirSync(dirname(path), { recursive: true });
  return make();
}

function hasSize(path: string, size: number): boolean {
  return allowMissing(() => statSync(path).size) === size;
}

/** For whoever removes what is old and unused. False when that has just happened. */
function markAsSent(path: string): boolean {
  const now = new Date();
  return (
    allowMissing(() => {
      utimesSync(path, now, now);
      return true;
    }) ?? false
  );
}

/** A new directory's own name has to reach the disk as well, up to the first one that was there before. */
async function makeDirectoryDurable(path: string): Promise<void> {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

function allowMissing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw describeDiskError(error);
    return undefined;
  }
}
