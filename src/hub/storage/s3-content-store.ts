/**
 * Blobs as objects: `blobs/<algorithm>/<2 hex>/<hex>`; `uploads/<id>/` holds what is still arriving. Nothing is kept in the process
 * that another copy of the hub could not go on from.
 */
import { ConflictError, InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { BlobInfo, ContentStore, Ingest } from '../../oci/content/content-store.ts';
import { ingestIdPattern } from '../../oci/content/disk-content-store.ts';
import { type Digest, algorithmOf, hexOf, tryParseDigest } from '../../oci/image/digest.ts';
import { ResumableSha256 } from './resumable-sha256.ts';
import { S3Blob } from './s3-blob.ts';
import type { S3Client } from './s3-client.ts';
import { S3Ingest, type S3IngestHome } from './s3-ingest.ts';
import { abortUpload, listObjects, listUploads, removeObject } from './s3-objects.ts';
import { loadState, savedSize, saveState } from './upload-state.ts';

export interface S3StoreOptions {
  /** In bytes, at least 5 MiB. */
  readonly partSize?: number;
}

const defaultPartSize = 8 * 1024 * 1024;
/** Stores tell times in whole seconds: who sent a blob may have done so until the next one. */
const timeStep = 1000;

/** Others wait for the end of what is removed. In milliseconds. */
const longestRemoval = 10_000;

export class S3ContentStore implements ContentStore {
  readonly isRemote = true;
  readonly #client: S3Client;
  readonly #home: S3IngestHome;
  readonly #open = new Map<string, S3Ingest | undefined>();

  constructor(client: S3Client, { partSize = defaultPartSize }: S3StoreOptions = {}) {
    this.#client = client;
    this.#home = { client, partSize, blobKey, closed: (id) => this.#open.delete(id) };
  }

  async stat(digest: Digest): Promise<BlobInfo | undefined> {
    const found = await this.#client.find('HEAD', blobKey(digest));
    return found && { digest, size: sizeOf(found.headers) };
  }

  async open(digest: Digest): Promise<S3Blob> {
    const found = await this.stat(digest);
    if (!found) throw new NotFoundError(`no such blob: ${digest}`);
    return new S3Blob(this.#client, blobKey(digest), 0, found.size);
  }

  async ingest(id: string): Promise<Ingest> {
    requireIngestId(id);
    if (this.#open.has(id)) throw new ConflictError(`ingest ${id} is open already`);
    this.#open.set(id, undefined);
    try {
      const ingest = new S3Ingest(id, this.#home, await loadState(this.#client, id));
      this.#open.set(id, ingest);
      return ingest;
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  async reserve(id: string): Promise<void> {
    requireIngestId(id);
    if ((await savedSize(this.#client, id)) !== undefined)
      throw new ConflictError('there is an ingest of this name');
    const hash = new ResumableSha256().save();
    await saveState(this.#client, id, {
      upload: undefined,
      etags: [],
      size: 0,
      hash,
      rest: new Uint8Array(),
    });
  }

  async ingestSize(id: string): Promise<number | undefined> {
    if (!ingestIdPattern.test(id)) return undefined;
    return this.#open.get(id)?.size ?? savedSize(this.#client, id);
  }

  delete(digest: Digest): Promise<void> {
    return removeObject(this.#client, blobKey(digest));
  }

  async deleteOlder(digest: Digest, before: Date): Promise<number | undefined> {
    const removal = { attempts: 2, timeout: Math.min(longestRemoval, this.#client.timeout) };
    const found = await this.#client.find('HEAD', blobKey(digest), removal);
    if (!found || !isOlder(new Date(found.headers.get('Last-Modified') ?? Date.now()), before))
      return undefined;
    // Once: one that is given up may still be done, and who sends the blob again must not be told before that it was removed.
    await removeObject(this.#client, blobKey(digest), { ...removal, attempts: 1 });
    return sizeOf(found.headers);
  }

  async *list(before?: Date): AsyncGenerator<BlobInfo, void, undefined> {
    for await (const { key, size, modified } of listObjects(this.#client, 'blobs/')) {
      const [, algorithm, , hex] = key.split('/');
      const digest = tryParseDigest(`${algorithm}:${hex}`);
      if (digest && (!before || isOlder(modified, before))) yield { digest, size };
    }
  }

  async sweepIngests(before: Date, prefix = ''): Promise<void> {
    const lively = new Set(this.#open.keys());
    const leftBehind: string[] = [];
    for await (const { key, modified } of listObjects(this.#client, `uploads/${prefix}`)) {
      const id = key.split('/')[1] ?? '';
      if (isOlder(modified, before)) leftBehind.push(key);
      else lively.add(id);
    }
    const isLively = (key: string): boolean => lively.has(key.split('/')[1] ?? '');
    for (const key of leftBehind) if (!isLively(key)) await removeObject(this.#client, key);
    // Also of copies that never came to their end.
    for (const part of [`uploads/${prefix}`, ...(prefix === '' ? ['blobs/'] : [])]) {
      for await (const { key, uploadId, begun } of listUploads(this.#client, part)) {
        if (isOlder(begun, before) && !isLively(key)) await abortUpload(this.#client, key, uploadId);
      }
    }
  }

  /** Where a client gets the blob without us, for a while. */
  addressOf(digest: Digest): Promise<string> {
    return this.#client.addressOf(blobKey(digest));
  }
}

function blobKey(digest: Digest): string {
  const hex = hexOf(digest);
  return `blobs/${algorithmOf(digest)}/${hex.slice(0, 2)}/${hex}`;
}

function isOlder(modified: Date, before: Date): boolean {
  return modified.getTime() + timeStep <= before.getTime();
}

function sizeOf(headers: Headers): number {
  return Number(headers.get('Content-Length'));
}

function requireIngestId(id: string): void {
  if (!ingestIdPattern.test(id)) throw new InvalidError(`invalid ingest id: ${JSON.stringify(id)}`);
}
