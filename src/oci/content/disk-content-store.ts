/**
 * Blobs as files: `blobs/<algorithm>/<2 hex>/<hex>`, read-only once there; `ingest/<id>` holds what is still arriving.
 * The engine keeps its layers here, the hub its registry. Rename is the only way into blobs/.
 */
import { type Dirent, statSync } from 'node:fs';
import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ConflictError, InvalidError, NotFoundError, errnoOf } from '../../lib/errors.ts';
import { type Digest, algorithmOf, hexOf, tryParseDigest } from '../image/digest.ts';
import type { BlobInfo, ContentStore, Ingest } from './content-store.ts';
import { DiskIngest, type IngestHome, reserveIngest, type RunningHash } from './ingest.ts';

/** What names a session; also what makes it safe as a file name. */
export const ingestIdPattern = /^[A-Za-z0-9_-]{1,128}$/;

export class DiskContentStore implements ContentStore {
  readonly isRemote = false;
  readonly #root: string;
  readonly #open = new Set<string>();
  /** Hashes of closed ingests, so that an upload in several requests is not read again at its end. */
  readonly #hashes = new Map<string, RunningHash>();
  readonly #home: IngestHome;

  /** @param root the directory of `blobs/` and `ingest/`, made when absent. One process at a time writes to it. */
  constructor(root: string) {
    this.#root = root;
    this.#home = {
      ingestPath: (id) => join(this.#root, 'ingest', id),
      blobPath: (digest) => this.#blobPath(digest),
      closed: (id, hash) => {
        this.#open.delete(id);
        if (hash) rememberBounded(this.#hashes, id, hash);
      },
    };
  }

  async stat(digest: Digest): Promise<BlobInfo | undefined> {
    // Not on another thread: the way there and back takes longer than the call.
    const found = statSync(this.#blobPath(digest), { throwIfNoEntry: false });
    return found && { digest, size: found.size };
  }

  async open(digest: Digest): Promise<Blob> {
    if (!(await this.stat(digest))) throw new NotFoundError(`no such blob: ${digest}`);
    return Bun.file(this.#blobPath(digest), { type: 'application/octet-stream' });
  }

  async ingest(id: string): Promise<Ingest> {
    requireIngestId(id);
    if (this.#open.has(id)) throw new ConflictError(`ingest ${id} is open already`);
    this.#open.add(id);
    const hash = this.#hashes.get(id);
    this.#hashes.delete(id);
    try {
      return DiskIngest.open(id, this.#home, hash);
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  async reserve(id: string): Promise<void> {
    requireIngestId(id);
    reserveIngest(this.#home.ingestPath(id));
  }

  async ingestSize(id: string): Promise<number | undefined> {
    if (!ingestIdPattern.test(id)) return undefined;
    return statSync(this.#home.ingestPath(id), { throwIfNoEntry: false })?.size;
  }

  async delete(digest: Digest): Promise<void> {
    await unlink(this.#blobPath(digest)).catch(ignoreMissing);
  }

  async deleteOlder(digest: Digest, before: Date): Promise<number | undefined> {
    const path = this.#blobPath(digest);
    const found = await stat(path).catch(ignoreMissing);
    if (!found || found.mtime >= before) return undefined;
    await unlink(path).catch(ignoreMissing);
    return found.size;
  }

  async *list(before?: Date): AsyncGenerator<BlobInfo, void, undefined> {
    for (const algorithm of ['sha256', 'sha512']) {
      const shards = join(this.#root, 'blobs', algorithm);
      for (const shard of await entries(shards)) {
        for (const file of await entries(join(shards, shard.name))) {
          const digest = tryParseDigest(`${algorithm}:${file.name}`);
          const found = digest && (await stat(this.#blobPath(digest)).catch(ignoreMissing));
          if (found && !(before && found.mtime >= before)) yield { digest, size: found.size };
        }
      }
    }
  }

  async sweepIngests(before: Date, prefix = ''): Promise<void> {
    for (const { name } of await entries(join(this.#root, 'ingest'))) {
      if (!name.startsWith(prefix)) continue;
      const path = join(this.#root, 'ingest', name);
      const found = await stat(path).catch(ignoreMissing);
      if (!found || found.mtime >= before || this.#open.has(name)) continue;
      this.#hashes.delete(name);
      await rm(path, { force: true });
    }
  }

  #blobPath(digest: Digest): string {
    const hex = hexOf(digest);
    return join(this.#root, 'blobs', algorithmOf(digest), hex.slice(0, 2), hex);
  }
}

function requireIngestId(id: string): void {
  if (!ingestIdPattern.test(id)) throw new InvalidError(`invalid ingest id: ${JSON.stringify(id)}`);
}

/** Sessions come from outside: only the latest hashes are kept, the others are computed again from the file. */
function rememberBounded(hashes: Map<string, RunningHash>, id: string, hash: RunningHash): void {
  const oldest = hashes.keys().next();
  if (hashes.size >= 256 && !oldest.done) hashes.delete(oldest.value);
  hashes.set(id, hash);
}

async function entries(path: string): Promise<Dirent[]> {
  return (await readdir(path, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT') return undefined;
  throw error;
}
