/**
 * Blobs by digest: the one shape of storage that the engine and the hub share.
 * Bytes enter through an ingest (a named, resumable file) and become visible only when it is committed:
 * size and digest checked, synced, renamed. Nothing else ever writes a blob.
 */
import type { Digest } from '../image/digest.ts';

export interface BlobInfo {
  readonly digest: Digest;
  /** In bytes. */
  readonly size: number;
}

/** A committed blob to be read, or a part of one: a Blob is one. Nothing is read before it is asked for. */
export interface StoredBlob {
  /** In bytes. */
  readonly size: number;
  slice(start?: number, end?: number): StoredBlob;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  text(): Promise<string>;
}

/** What a response or a child's standard input takes. A file stays one: the kernel sends it without our seeing its bytes. */
export function bodyOf(blob: StoredBlob): Blob | ReadableStream<Uint8Array<ArrayBuffer>> {
  return blob instanceof Blob ? blob : blob.stream();
}

export interface ContentStore {
  /** Every call is a request over a network: nobody makes one while others wait for a lock. */
  readonly isRemote: boolean;

  /** What is known of a committed blob, or undefined. Costs one system call. */
  stat(digest: Digest): Promise<BlobInfo | undefined>;

  /**
   * The blob, to be read as it is asked for.
   * @throws NotFoundError when no such blob is committed.
   */
  open(digest: Digest): Promise<StoredBlob>;

  /**
   * Opens the ingest called `id`, made when absent, at the end of what it holds.
   * @param id names the session: `[A-Za-z0-9_-]{1,128}`. Two openings of one id at a time: ConflictError.
   */
  ingest(id: string): Promise<Ingest>;

  /**
   * Makes an ingest that is there before anything is written to it, and stays when it is closed without a byte.
   * @throws ConflictError when there is one of that name.
   */
  reserve(id: string): Promise<void>;

  /** Bytes that an ingest holds, also while somebody writes to it; undefined where there is none. */
  ingestSize(id: string): Promise<number | undefined>;

  /** Removes a blob. Idempotent; who still has it open may read on. */
  delete(digest: Digest): Promise<void>;

  /**
   * Removes a blob unless somebody sent it since `before`. The size of what was removed, or undefined. Over by 45 seconds, whatever
   * comes of it.
   */
  deleteOlder(digest: Digest, before: Date): Promise<number | undefined>;

  /** Every committed blob, in no order. For collecting garbage. @param before only those that nobody sent since. */
  list(before?: Date): AsyncIterable<BlobInfo>;

  /** Drops ingests that nobody wrote to since `before`. @param prefix only those whose id begins so. */
  sweepIngests(before: Date, prefix?: string): Promise<void>;
}

/** One writer of one future blob. Closed by exactly one of commit, abort or close. */
export interface Ingest {
  readonly id: string;
  /** Bytes held so far; a resumed ingest starts above 0. */
  readonly size: number;

  /** Appends. Resolves when the bytes are with the kernel: that is the backpressure. */
  write(chunk: Uint8Array): Promise<void>;

  /**
   * Makes the bytes visible under their digest: verify, fsync, rename, fsync the directory.
   * A blob that exists already is left as it is, the bytes sent are verified all the same; it counts as sent now.
   * @param expected when given, digest and size must match; its algorithm decides how the blob is named, else sha256.
   * @param verified runs once the bytes are known to be those that were expected: before they last, and before they are visible.
   * @throws CorruptError on a mismatch; the ingest is gone then, nothing is visible.
   */
  commit(
    expected?: { readonly digest?: Digest; readonly size?: number },
    verified?: () => void,
  ): Promise<BlobInfo>;

  /**
   * A look at what is written, also while more is: for those who cannot wait for the commit. It stays good after the ingest has
   * ended, however it did. Undefined from a store that cannot give bytes before they are committed.
   */
  reader(): Promise<IngestReader | undefined>;

  /** Forgets the bytes. Idempotent. */
  abort(): Promise<void>;

  /**
   * Keeps the bytes for a later `ingest(id)`, unless a write failed; without any, only a reserved ingest is kept. They outlive the
   * process. Whether they outlived a power cut is seen at the commit.
   */
  close(): Promise<void>;
}

/** Closed by who opened it. */
export interface IngestReader {
  /** Fills the buffer from this position on, as far as bytes are written. @returns how many. */
  read(buffer: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}
