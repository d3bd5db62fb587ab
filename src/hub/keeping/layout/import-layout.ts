/**
 * Pushes what an OCI image layout holds: what a client would send, with the same checks, and without HTTP. Cut off, it has pushed
 * whole images only, and those are not sent again when it is run anew.
 */
import { officialNamespace } from '../../accounts/account-name.ts';
import { CorruptError, InvalidError, NotFoundError } from '../../../lib/errors.ts';
import type { BlobInfo } from '../../../oci/content/content-store.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../../../oci/image/digest.ts';
import { maxManifestSize } from '../../../oci/image/manifest.ts';
import { isNonDistributable } from '../../../oci/image/media-type.ts';
import { defaultDomain, isTag, parseReference } from '../../../oci/image/reference.ts';
import type { AccountStore } from '../../accounts/account-store.ts';
import { linkBlob } from '../../registry/link-blob.ts';
import { type PushParts, pushManifest } from '../../registry/push-manifest.ts';
import { type RepositoryPath, tryParseRepositoryPath } from '../../repositories/repository-path.ts';
import type { RepositoryStore } from '../../repositories/repository-store.ts';
import { blobPath, entriesOf, nameAnnotations, type OciLayout, read } from './oci-layout.ts';

export interface ImportParts extends PushParts {
  readonly accounts: AccountStore;
  readonly repositories: RepositoryStore;
}

export interface Into {
  readonly path: RepositoryPath;
  /** For the one entry that has none. */
  readonly tag: string | undefined;
}

export interface Imported {
  readonly path: string;
  /** Undefined for what only its digest leads to. */
  readonly tag: string | undefined;
  readonly digest: Digest;
}

/** An entry with the repository that it goes to. */
interface Placed {
  readonly path: RepositoryPath;
  readonly tag: string | undefined;
}

const maxDepth = 8;

/** @param into where everything goes; undefined: each entry says its name. @throws CorruptError, InvalidError, NotFoundError */
export async function* importLayout(
  parts: ImportParts,
  layout: OciLayout,
  into: Into | undefined,
): AsyncGenerator<Imported, void, undefined> {
  const entries = await entriesOf(layout);
  if (into?.tag !== undefined && entries.length !== 1) {
    throw new InvalidError(`the layout has ${entries.length} images: give --into without a tag`);
  }
  const places = entries.map((entry) => placeOf(entry, into));
  const importer = new Importer(parts, layout);
  const nameless: Descriptor[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = places[index];
    if (place) yield await importer.push(place, entry);
    else nameless.push(entry);
  }
  yield* pushReferrers(importer, nameless);
}

/** What has no name belongs to what it says something about, which may be one of these as well. */
async function* pushReferrers(
  importer: Importer,
  nameless: readonly Descriptor[],
): AsyncGenerator<Imported, void, undefined> {
  let waiting = nameless;
  while (waiting.length > 0) {
    const left: Descriptor[] = [];
    for (const entry of waiting) {
      const places = await importer.placesOfSubject(entry);
      for (const path of places) yield await importer.push({ path, tag: undefined }, entry);
      if (places.length === 0) left.push(entry);
    }
    if (left.length === waiting.length) {
      throw new InvalidError(`${left[0]?.digest} has no name in the layout: give --into REPOSITORY:TAG`);
    }
    waiting = left;
  }
}

/** Undefined where it has no name. @throws InvalidError for one that cannot be a repository's on a hub. */
function placeOf({ annotations = {} }: Descriptor, into: Into | undefined): Placed | undefined {
  const reference = annotations[nameAnnotations.reference];
  const name = annotations[nameAnnotations.full] ?? reference;
  if (name === undefined) return into;
  // Many tools write a tag only.
  if (!/[:/@]/.test(name)) {
    if (!isTag(name))
      throw new InvalidError(`invalid name in the layout: ${JSON.stringify(name.slice(0, 300))}`);
    if (into) return { path: into.path, tag: into.tag ?? name };
    throw new InvalidError(`the layout names the tag ${name} and no repository: give --into REPOSITORY`);
  }
  const { path: text, tag } = parseReference(name);
  if (into) return { path: into.path, tag: into.tag ?? tag };
  const path = tryParseRepositoryPath(text);
  if (!path) throw new InvalidError(`invalid name in the layout: ${JSON.stringify(name.slice(0, 300))}`);
  return { path, tag };
}

class Importer {
  readonly #parts: ImportParts;
  readonly #layout: OciLayout;
  /** Whose bytes were verified in this run: another repository gets them without reading them again. */
  readonly #stored = new Map<Digest, BlobInfo>();
  /** Where each manifest has gone. */
  readonly #places = new Map<Digest, Map<string, RepositoryPath>>();

  constructor(parts: ImportParts, layout: OciLayout) {
    this.#parts = parts;
    this.#layout = layout;
  }

  async push({ path, tag }: Placed, entry: Descriptor): Promise<Imported> {
    await this.#requireNamespace(path);
    const { id } = await this.#parts.repositories.beginPush(path);
    await this.#pushManifest(id, path, entry, tag === undefined ? [] : [tag], 0);
    return { path: path.path, tag, digest: entry.digest };
  }

  async placesOfSubject(entry: Descriptor): Promise<readonly RepositoryPath[]> {
    const manifest = read(await this.#manifestBytes(entry), entry.mediaType, entry.digest);
    const { subject } = manifest.kind === 'image' ? manifest.image : manifest.index;
    return subject ? [...(this.#places.get(subject.digest)?.values() ?? [])] : [];
  }

  /** A repository below a name that nobody has could be taken by whoever signs up under it. */
  async #requireNamespace({ namespace, path }: RepositoryPath): Promise<void> {
    if (namespace === officialNamespace || (await this.#parts.accounts.findByName(namespace))) return;
    throw new NotFoundError(
      `cannot import ${path}: there is no account ${namespace}; make it, or give --into NAMESPACE/NAME`,
    );
  }

  /** What it needs first, so that it is whole in the moment in which it is there. */
  async #pushManifest(
    repositoryId: number,
    path: RepositoryPath,
    { digest, mediaType, size }: Descriptor,
    tags: readonly string[],
    depth: number,
  ): Promise<void> {
    if (depth > maxDepth) throw new CorruptError(`${digest}: indexes within indexes, too many of them`);
    const isDone = this.#places.get(digest)?.has(path.path) ?? false;
    if (isDone && tags.length === 0) return;
    const bytes = await this.#manifestBytes({ digest, mediaType, size });
    const manifest = read(bytes, mediaType, digest);
    if (manifest.kind === 'index') {
      for (const child of manifest.index.manifests)
        await this.#pushManifest(repositoryId, path, child, [], depth + 1);
    } else {
      for (const blob of [manifest.image.config, ...manifest.image.layers]) {
        if (!isNonDistributable(blob.mediaType)) await this.#pushBlob(repositoryId, blob);
      }
    }
    await pushManifest(this.#parts, {
      repositoryId,
      bytes,
      contentType: mediaType,
      digest,
      tags,
      pushedBy: undefined,
    });
    const places = this.#places.get(digest) ?? new Map<string, RepositoryPath>();
    this.#places.set(digest, places.set(path.path, path));
  }

  async #manifestBytes({ digest, size }: Descriptor): Promise<Uint8Array> {
    if (size > maxManifestSize) throw new CorruptError(`the manifest ${digest} is too large`);
    const blob = await this.#open(digest);
    if (blob.size !== size)
      throw new CorruptError(`the manifest ${digest} has ${blob.size} bytes, not ${size}`);
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if (digestOf(bytes, algorithmOf(digest)) === digest) return bytes;
    throw new CorruptError(`the manifest ${digest} has other bytes than its digest says`);
  }

  async #pushBlob(repositoryId: number, descriptor: Descriptor): Promise<void> {
    const { digest, size } = descriptor;
    if ((await this.#parts.blobs.keep(repositoryId, digest)) !== undefined) return;
    const stored = this.#stored.get(digest) ?? (await this.#store(digest, size));
    this.#stored.set(digest, stored);
    if (await linkBlob(this.#parts, repositoryId, stored)) return;
    // A collection with hardly any grace came in between.
    if (await linkBlob(this.#parts, repositoryId, await this.#store(digest, size))) return;
    throw new CorruptError(`${digest} was removed while it was imported: try again`);
  }

  async #store(digest: Digest, size: number): Promise<BlobInfo> {
    const blob = await this.#open(digest);
    const ingest = await this.#parts.contents.ingest(`import-${crypto.randomUUID()}`);
    try {
      if (blob.size !== size)
        throw new CorruptError(`the blob ${digest} has ${blob.size} bytes, not ${size}`);
      for await (const chunk of blob.stream()) await ingest.write(chunk);
    } catch (error) {
      await ingest.abort();
      throw error;
    }
    return await ingest.commit({ digest, size }).catch((error: unknown) => {
      if (!(error instanceof CorruptError)) throw error;
      throw new CorruptError(`the blob ${digest} has other bytes than its digest says`, { cause: error });
    });
  }

  async #open(digest: Digest): Promise<Blob> {
    const blob = await this.#layout.open(blobPath(digest));
    if (blob) return blob;
    throw new CorruptError(`the layout is not whole: ${digest} is missing`);
  }
}

/** `REPOSITORY` or `REPOSITORY:TAG`, as a person types it. @throws InvalidError */
export function parseInto(text: string): Into {
  const { domain, path: name, tag, digest } = parseReference(text);
  const path = tryParseRepositoryPath(name);
  if (!path || domain !== defaultDomain || digest) {
    throw new InvalidError(`${JSON.stringify(text)} is no repository of this hub`);
  }
  return { path, tag };
}
