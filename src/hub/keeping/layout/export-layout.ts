/**
 * What goes into an OCI image layout: the tags that were asked for, what is said about each manifest among them, and all that these
 * need. Every entry of index.json has its whole name, so that another hub, or any tool, knows where it belongs.
 */
import { ConflictError, InvalidError, NotFoundError } from '../../../lib/errors.ts';
import type { ContentStore } from '../../../oci/content/content-store.ts';
import { verify } from '../../../oci/content/verify.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { parseManifest } from '../../../oci/image/manifest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import { defaultDomain, parseReference } from '../../../oci/image/reference.ts';
import { needsOf } from '../../repositories/manifest-needs.ts';
import type { ManifestReference, ManifestStore, StoredManifest } from '../../repositories/manifest-store.ts';
import { type RepositoryPath, tryParseRepositoryPath } from '../../repositories/repository-path.ts';
import type { RepositoryStore } from '../../repositories/repository-store.ts';
import type { BlobStore } from '../../repositories/blob-store.ts';
import type { TagStore } from '../../repositories/tag-store.ts';
import { blobPath, indexPath, layoutPath, layoutText, nameAnnotations } from './oci-layout.ts';

export interface ExportParts {
  readonly contents: ContentStore;
  readonly repositories: RepositoryStore;
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
}

/** A file of the layout; its bytes are read once, and are exactly `size`. */
export interface LayoutFile {
  readonly path: string;
  readonly size: number;
  readonly content: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** A repository, or one image of it. */
interface Wanted {
  readonly path: RepositoryPath;
  readonly reference: ManifestReference | undefined;
}

const pageSize = 1000;
const referrerPageBytes = 1024 * 1024;

/** The files of the layout, index.json last. Nobody may remove bytes until they are read. @throws NotFoundError, InvalidError */
export async function* exportLayout(
  parts: ExportParts,
  names: readonly string[],
): AsyncGenerator<LayoutFile, void, undefined> {
  const gathered = new Gathered(parts);
  for (const name of names) await gathered.add(parseWanted(name));
  yield textFile(layoutPath, layoutText);
  for (const blob of gathered.blobs.values()) {
    yield { path: blobPath(blob.digest), size: blob.size, content: () => readVerified(parts.contents, blob) };
  }
  for (const [digest, where] of gathered.manifests) {
    const { bytes } = await where();
    yield { path: blobPath(digest), size: bytes.byteLength, content: () => [bytes] };
  }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: gathered.entries };
  yield textFile(indexPath, JSON.stringify(index));
}

/** @throws InvalidError */
function parseWanted(name: string): Wanted {
  const { domain, path: text, tag, digest } = parseReference(name);
  const path = tryParseRepositoryPath(text);
  if (!path || domain !== defaultDomain)
    throw new InvalidError(`${JSON.stringify(name)} is no repository of this hub`);
  if (digest) return { path, reference: { digest } };
  return { path, reference: tag === undefined ? undefined : { tag } };
}

class Gathered {
  readonly entries: Descriptor[] = [];
  readonly blobs = new Map<Digest, { readonly digest: Digest; readonly size: number }>();
  /** Where each is read again: their bytes together are not held. */
  readonly manifests = new Map<Digest, () => Promise<StoredManifest>>();
  readonly #parts: ExportParts;
  /** `REPOSITORY@DIGEST`, with all that it needs and what is said about it. */
  readonly #seen = new Set<string>();
  readonly #named = new Set<string>();

  constructor(parts: ExportParts) {
    this.#parts = parts;
  }

  async add({ path, reference }: Wanted): Promise<void> {
    const repository = await this.#parts.repositories.find(path);
    if (!repository || repository.is_pending === 1)
      throw new NotFoundError(`there is no repository ${path.path}`);
    if (reference) {
      await this.#addRoot(repository.id, path, reference);
      return;
    }
    for (let last = ''; ;) {
      const names = await this.#parts.tags.names(repository.id, last, pageSize);
      for (const tag of names) await this.#addRoot(repository.id, path, { tag });
      last = names.at(-1) ?? '';
      if (names.length < pageSize) return;
    }
  }

  async #addRoot(id: number, path: RepositoryPath, reference: ManifestReference): Promise<void> {
    const found = await this.#parts.manifests.get(id, reference);
    const name = reference.tag === undefined ? `@${reference.digest}` : `:${reference.tag}`;
    if (!found) throw new NotFoundError(`there is no image ${path.path}${name}`);
    this.#enter(found, path.path + name);
    await this.#walk(id, path, found);
  }

  #enter({ digest, media_type: mediaType, bytes }: StoredManifest, name: string): void {
    if (this.#named.has(name)) return;
    this.#named.add(name);
    const annotations = {
      [nameAnnotations.full]: `${defaultDomain}/${name}`,
      [nameAnnotations.reference]: name,
    };
    this.entries.push({ mediaType, digest, size: bytes.byteLength, annotations });
  }

  async #walk(id: number, path: RepositoryPath, manifest: StoredManifest): Promise<void> {
    const waiting = [manifest];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const { digest } = next;
      const key = `${path.path}@${digest}`;
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.manifests.set(digest, () => this.#get(id, path, digest));
      const needs = needsOf(parseManifest(next.bytes, next.media_type));
      for (const blob of needs.blobs) await this.#addBlob(id, path, blob);
      for (const child of needs.manifests) waiting.push(await this.#get(id, path, child));
      for await (const referrer of this.#referrers(id, path, digest)) {
        this.#enter(referrer, `${path.path}@${referrer.digest}`);
        waiting.push(referrer);
      }
    }
  }

  async #addBlob(id: number, path: RepositoryPath, digest: Digest): Promise<void> {
    if (this.blobs.has(digest)) return;
    const size = await this.#parts.blobs.sizeOf(id, digest);
    if (size === undefined) throw changed(path, digest);
    this.blobs.set(digest, { digest, size });
  }

  async *#referrers(id: number, path: RepositoryPath, subject: Digest): AsyncGenerator<StoredManifest> {
    for (let last = ''; ;) {
      const { referrers, hasMore } = await this.#parts.manifests.referrers(id, {
        subject,
        artifactType: '',
        last,
        maxBytes: referrerPageBytes,
      });
      for (const { digest } of referrers) yield await this.#get(id, path, digest);
      last = referrers.at(-1)?.digest ?? '';
      if (!hasMore || last === '') return;
    }
  }

  async #get(id: number, path: RepositoryPath, digest: Digest): Promise<StoredManifest> {
    const found = await this.#parts.manifests.get(id, { digest });
    if (found) return found;
    throw changed(path, digest);
  }
}

function changed({ path }: RepositoryPath, digest: Digest): ConflictError {
  return new ConflictError(
    `${digest} of ${path} is not there: deleted in this moment, or see what cais hub fsck says`,
  );
}

async function* readVerified(
  contents: ContentStore,
  blob: { readonly digest: Digest; readonly size: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const opened = await contents.open(blob.digest);
  yield* verify(opened.stream(), blob);
}

function textFile(path: string, text: string): LayoutFile {
  const bytes = new TextEncoder().encode(text);
  return { path, size: bytes.byteLength, content: () => [bytes] };
}
