/**
 * One tag to another registry: what is there already is left out, what it has elsewhere is mounted, the rest is streamed; parts
 * before what names them, then the tag, then what refers to the image.
 */
import { addReferrerByTag } from '../../oci/attestation/referrers.ts';
import type { ContentStore } from '../../oci/content/content-store.ts';
import type { RegistryClient } from '../../oci/distribution/client.ts';
import { RegistryError } from '../../oci/distribution/errors.ts';
import { outgoingBlob, uploadBlob } from '../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import { type Manifest, parseManifest } from '../../oci/image/manifest.ts';
import { isNonDistributable } from '../../oci/image/media-type.ts';
import type { RepositoryName } from '../../oci/image/reference.ts';
import { Slots } from '../../lib/slots.ts';
import type { ManifestStore, StoredManifest } from '../repositories/manifest-store.ts';
import type { Uploads } from './uploads.ts';

export interface CopySource {
  readonly contents: ContentStore;
  readonly manifests: ManifestStore;
  readonly repositoryId: number;
}

export interface CopyTarget {
  readonly client: RegistryClient;
  readonly name: RepositoryName;
  /** Other repositories there that should have the blob. */
  readonly holdersOf: (digest: Digest) => Promise<readonly RepositoryName[]>;
  /** Of everybody who sends there. */
  readonly uploads: Uploads;
  readonly signal: AbortSignal;
}

const blobsAtOnce = 3;
/** Of what refers to what refers to an image. */
const maxDepth = 4;
const annotationBytes = 1024 * 1024;

export class ImageCopier {
  readonly #source: CopySource;
  readonly #target: CopyTarget;
  readonly #slots = new Slots(blobsAtOnce);
  readonly #seen = new Set<Digest>();
  /** Of each blob on its way, and of all that have arrived. */
  readonly #moving = new Map<Digest, number>();
  #arrived = 0;
  #total = 0;

  constructor(source: CopySource, target: CopyTarget) {
    this.#source = source;
    this.#target = target;
  }

  /** Bytes of blobs: those that are there, and those of all that was met so far. */
  get bytes(): { readonly done: number; readonly total: number } {
    const moving = this.#moving.values().reduce((sum, bytes) => sum + bytes, 0);
    return { done: this.#arrived + moving, total: this.#total };
  }

  /** @returns the digest that the tag has there now; undefined when there is no such tag here. */
  async copyTag(tag: string): Promise<Digest | undefined> {
    const { manifests, repositoryId } = this.#source;
    const root = await manifests.get(repositoryId, { tag });
    if (!root) return undefined;
    await this.#copyManifest(root, tag, 0);
    return root.digest;
  }

  async #copyManifest(stored: StoredManifest, reference: string, depth: number): Promise<void> {
    const { client, name, signal } = this.#target;
    signal.throwIfAborted();
    this.#seen.add(stored.digest);
    const manifest = parseManifest(stored.bytes, stored.media_type);
    const children = manifest.kind === 'index' ? manifest.index.manifests : [];
    const present = await client.headManifest(name, reference);
    const isThere = present?.digest === stored.digest;
    // What is said about the parts may be new, also where the whole is there.
    for (const { digest } of children) await this.#copyByDigest(digest, depth);
    if (!isThere) {
      if (manifest.kind === 'image') await this.#copyBlobs(manifest.image);
      const put = await client.putManifest(name, reference, stored.media_type, stored.bytes);
      const subject = manifest.kind === 'image' ? manifest.image.subject : manifest.index.subject;
      if (subject && !put.listsReferrers) {
        await addReferrerByTag(client, name, subject.digest, describe(stored, manifest));
      }
    }
    if (depth < maxDepth) await this.#copyReferrers(stored.digest, depth + 1);
  }

  async #copyByDigest(digest: Digest, depth: number): Promise<void> {
    if (this.#seen.has(digest)) return;
    const { manifests, repositoryId } = this.#source;
    const stored = await manifests.get(repositoryId, { digest });
    // An index may name what never was here.
    if (stored) await this.#copyManifest(stored, digest, depth);
  }

  async #copyReferrers(subject: Digest, depth: number): Promise<void> {
    const { manifests, repositoryId } = this.#source;
    for (let last = ''; ;) {
      const listing = { subject, artifactType: '', last, maxBytes: annotationBytes };
      const { referrers, hasMore } = await manifests.referrers(repositoryId, listing);
      for (const { digest } of referrers) await this.#copyByDigest(digest, depth);
      const end = referrers.at(-1)?.digest;
      if (!hasMore || end === undefined) return;
      last = end;
    }
  }

  async #copyBlobs({ config, layers }: (Manifest & { kind: 'image' })['image']): Promise<void> {
    const blobs = new Map([config, ...layers].map((blob) => [blob.digest, blob]));
    const copying = [...blobs.values()]
      .filter((blob) => !isNonDistributable(blob.mediaType))
      .map(async (blob) => {
        this.#total += blob.size;
        using _slot = await this.#slots.take(this.#target.signal);
        await this.#copyBlob(blob);
        this.#moving.delete(blob.digest);
        this.#arrived += blob.size;
      });
    // All of them end before anything is given up.
    for (const result of await Promise.allSettled(copying)) {
      if (result.status === 'rejected') throw result.reason as Error;
    }
  }

  async #copyBlob(blob: Descriptor): Promise<void> {
    const { client, name, uploads, signal } = this.#target;
    if (await client.hasBlob(name, blob.digest)) return;
    using upload = await uploads.begin(name, blob.digest, signal);
    if (upload.hasWaited && (await client.hasBlob(name, blob.digest))) return;
    if (!upload.broken.session && (await this.#mount(blob.digest, upload.sentTo))) return;
    await uploadBlob({ client, name }, () => outgoingBlob(this.#source.contents, blob), {
      signal,
      broken: upload.broken,
      onProgress: (bytes) => this.#moving.set(blob.digest, bytes),
    });
    upload.sent();
  }

  async #mount(digest: Digest, sentTo: readonly RepositoryName[]): Promise<boolean> {
    const { client, name, holdersOf } = this.#target;
    for (const from of [...sentTo, ...(await holdersOf(digest))]) {
      try {
        const result = await client.mountBlob(name, digest, from);
        if (result === 'mounted') return true;
        await client.cancelUpload(name, result);
      } catch (error) {
        // Not to be read there, or gone: the upload tells whether this repository may be written to.
        if (!(error instanceof RegistryError)) throw error;
      }
    }
    return false;
  }
}

function describe({ digest, media_type, bytes }: StoredManifest, manifest: Manifest): Descriptor {
  const { artifactType, annotations } = manifest.kind === 'image' ? manifest.image : manifest.index;
  const config = manifest.kind === 'image' ? manifest.image.config.mediaType : undefined;
  const type = artifactType || config;
  return {
    mediaType: media_type,
    digest,
    size: bytes.byteLength,
    ...(type !== undefined && { artifactType: type }),
    ...(annotations && { annotations }),
  };
}
