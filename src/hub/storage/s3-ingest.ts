/**
 * A blob on its way into an object store: in parts, each sent while the next one fills, hashed as it comes by. A blob of less than a
 * part is one object at once; others are put together beside the blobs and copied, within the store, to the name that their bytes give.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
import { ConflictError, CorruptError } from '../../lib/errors.ts';
import type { BlobInfo, Ingest } from '../../oci/content/content-store.ts';
import { type Expected, checkExpected } from '../../oci/content/verify.ts';
import {
  type Digest,
  type DigestAlgorithm,
  Digester,
  algorithmOf,
  digestOf,
} from '../../oci/image/digest.ts';
import { ResumableSha256 } from './resumable-sha256.ts';
import { S3Blob } from './s3-blob.ts';
import type { S3Client } from './s3-client.ts';
import { isOfLostParts } from './s3-errors.ts';
import {
  abortUpload,
  beginUpload,
  completeUpload,
  copyObject,
  removeObject,
  sendPart,
} from './s3-objects.ts';
import { saveState, stateKey, type UploadState } from './upload-state.ts';

export interface S3IngestHome {
  readonly client: S3Client;
  /** Of the first thousand parts, in bytes. */
  readonly partSize: number;
  blobKey(digest: Digest): string;
  closed(id: string): void;
}

/** An upload has ten thousand parts at most: they double in size every thousand, so that no blob is too large. */
const sameSize = 1000;
/** One is sent while another fills and a third waits: what bounds the memory. */
const partsInFlight = 2;
/** What is at risk, when this copy of the hub dies, is what came since. */
const saveEvery = 8;
const firstBuffer = 64 * 1024;

export class S3Ingest implements Ingest {
  readonly id: string;
  readonly #home: S3IngestHome;
  readonly #isSaved: boolean;
  readonly #hash: ResumableSha256;
  readonly #etags: string[];
  readonly #sending = new Set<Promise<void>>();
  #upload: UploadState['upload'];
  #size: number;
  #buffer: Uint8Array<ArrayBuffer>;
  #filled: number;
  #isOpen = true;
  #failure: unknown;

  /** @param saved where an earlier writer ended; undefined: nobody has begun. */
  constructor(id: string, home: S3IngestHome, saved: UploadState | undefined) {
    this.id = id;
    this.#home = home;
    this.#isSaved = saved !== undefined;
    this.#hash = new ResumableSha256(saved?.hash);
    this.#etags = [...(saved?.etags ?? [])];
    this.#upload = saved?.upload;
    this.#size = saved?.size ?? 0;
    this.#buffer = saved?.rest ?? new Uint8Array();
    this.#filled = this.#buffer.byteLength;
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#requireOpen();
    for (let done = 0; done < chunk.byteLength;) {
      const piece = chunk.subarray(done, done + this.#partSize - this.#filled);
      this.#take(piece);
      done += piece.byteLength;
      if (this.#filled >= this.#partSize) await this.#send();
      if (this.#failure !== undefined) throw this.#failure;
    }
  }

  async commit(expected: Expected = {}, verified?: () => void): Promise<BlobInfo> {
    this.#requireOpen();
    this.#isOpen = false;
    try {
      const info = await this.#publish(
        (info) => {
          checkExpected(info, expected);
          verified?.();
        },
        expected.digest && algorithmOf(expected.digest),
      );
      await this.#forget();
      return info;
    } catch (error) {
      // What the store had no time for may be gone on with, from where it was saved.
      if (error instanceof CorruptError || isOfLostParts(error)) await this.#discard();
      throw error;
    } finally {
      this.#home.closed(this.id);
    }
  }

  /** Parts can be read when they are a blob. */
  async reader(): Promise<undefined> {
    return undefined;
  }

  async abort(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.#discard();
    } finally {
      this.#home.closed(this.id);
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await Promise.all(this.#sending);
      // After a failure it stands where it was saved last.
      if (this.#failure === undefined && (this.#size > 0 || this.#isSaved)) await this.#save();
    } finally {
      this.#home.closed(this.id);
    }
  }

  get #partSize(): number {
    return this.#home.partSize * 2 ** Math.floor(this.#etags.length / sameSize);
  }

  #take(piece: Uint8Array): void {
    const needed = this.#filled + piece.byteLength;
    if (needed > this.#buffer.byteLength) {
      const room = Math.max(
        needed,
        Math.min(this.#partSize, Math.max(firstBuffer, this.#buffer.byteLength * 2)),
      );
      const larger = new Uint8Array(room);
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#filled);
    this.#filled = needed;
    this.#size += piece.byteLength;
    this.#hash.update(piece);
  }

  /** The buffer becomes the next part. Waits while too many are on their way. */
  async #send(): Promise<void> {
    const body = this.#buffer.subarray(0, this.#filled);
    this.#buffer = new Uint8Array();
    this.#filled = 0;
    const { client } = this.#home;
    if (!this.#upload) {
      // A name that is nobody else's: what two writers of one session do can't be mixed up.
      const key = `uploads/${this.id}/${crypto.randomUUID()}`;
      this.#upload = { key, uploadId: await beginUpload(client, key) };
    }
    const { key, uploadId } = this.#upload;
    const part = this.#etags.push('');
    const sending: Promise<void> = sendPart(client, key, uploadId, part, body).then(
      (etag) => void (this.#etags[part - 1] = etag),
      (error: unknown) => void (this.#failure ??= error),
    );
    const ended = sending.finally(() => this.#sending.delete(ended));
    this.#sending.add(ended);
    if (this.#sending.size >= partsInFlight) await Promise.race(this.#sending);
    if (part % saveEvery !== 0) return;
    await Promise.all(this.#sending);
    if (this.#failure === undefined) await this.#save();
  }

  /** @param check throws what the bytes are not. */
  async #publish(check: (info: BlobInfo) => void, algorithm: DigestAlgorithm = 'sha256'): Promise<BlobInfo> {
    const { client } = this.#home;
    const size = this.#size;
    const rest = this.#buffer.subarray(0, this.#filled);
    if (!this.#upload) {
      const info = { digest: algorithm === 'sha256' ? this.#hash.digest() : digestOf(rest, algorithm), size };
      check(info);
      await client.call('PUT', this.#home.blobKey(info.digest), { body: rest });
      return info;
    }
    // Before anything is put together where that is known by now.
    const known = algorithm === 'sha256' ? { digest: this.#hash.digest(), size } : undefined;
    if (known) check(known);
    if (this.#filled > 0) await this.#send();
    await Promise.all(this.#sending);
    if (this.#failure !== undefined) throw this.#failure;
    const { key, uploadId } = this.#upload;
    await completeUpload(client, key, uploadId, this.#etags);
    const info = known ?? { digest: await this.#readAgain(key, algorithm), size };
    if (!known) check(info);
    await copyObject(client, key, this.#home.blobKey(info.digest), size);
    return info;
  }

  /** Only for what hardly anybody sends: its name is known at the end only. */
  async #readAgain(key: string, algorithm: DigestAlgorithm): Promise<Digest> {
    const digester = new Digester(algorithm);
    for await (const chunk of new S3Blob(this.#home.client, key, 0, this.#size).stream())
      digester.update(chunk);
    return digester.digest();
  }

  #save(): Promise<void> {
    return saveState(this.#home.client, this.id, {
      upload: this.#upload,
      etags: this.#etags,
      size: this.#size,
      hash: this.#hash.save(),
      rest: this.#buffer.slice(0, this.#filled),
    });
  }

  async #discard(): Promise<void> {
    await Promise.all(this.#sending);
    if (this.#upload) await abortUpload(this.#home.client, this.#upload.key, this.#upload.uploadId);
    await this.#forget();
  }

  async #forget(): Promise<void> {
    const { client } = this.#home;
    await removeObject(client, stateKey(this.id));
    if (this.#upload) await removeObject(client, this.#upload.key);
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw new ConflictError(`ingest ${this.id} is closed`);
  }
}
