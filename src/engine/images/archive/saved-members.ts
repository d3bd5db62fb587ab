/** The members of a saved archive, in the order of their names as docker has them: blobs, then the tables of contents. */
import type { ContentStore } from '../../../oci/content/content-store.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, hexOf } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import {
  familiarReference,
  familiarRepository,
  formatReference,
  type Reference,
} from '../../../oci/image/reference.ts';
import type { TarMember } from '../../../oci/layer/tar.ts';
import type { TarHeader } from '../../../oci/layer/tar-header.ts';
import { type DockerManifestEntry, nameAnnotations } from './docker-manifest.ts';
import type { RawManifest } from '../image.ts';
import type { Image } from '../image-store.ts';

/** An image and all that goes out of it. */
export interface SavedImage {
  readonly image: Image;
  /** With tags; those that were asked for. */
  readonly references: readonly Reference[];
  readonly manifest: RawManifest;
  /** By diff ID. */
  readonly blobs: ReadonlyMap<Digest, Descriptor>;
}

/** A blob that several images share comes once. */
export async function* archiveMembers(
  contents: ContentStore,
  saved: readonly SavedImage[],
): AsyncGenerator<TarMember> {
  const small = new Map<Digest, Uint8Array>();
  const layers = new Map<Digest, Descriptor>();
  for (const { image, manifest, blobs } of saved) {
    small.set(image.id, image.configBytes);
    small.set(manifest.digest, manifest.bytes);
    for (const blob of blobs.values()) layers.set(blob.digest, blob);
  }
  yield* blobMembers(contents, small, layers);
  yield file('index.json', index(saved));
  yield file('manifest.json', saved.map(dockerEntry));
  yield file('oci-layout', { imageLayoutVersion: '1.0.0' });
  const repositories = repositoriesOf(saved);
  if (Object.keys(repositories).length > 0) yield file('repositories', repositories);
}

/** The blobs of a layout with the directories above them, in the order of their names. */
export async function* blobMembers(
  contents: ContentStore,
  small: ReadonlyMap<Digest, Uint8Array>,
  layers: ReadonlyMap<Digest, Descriptor>,
): AsyncGenerator<TarMember> {
  const directories = new Set(['blobs/', ...[...small.keys(), ...layers.keys()].map(directoryOf)]);
  for (const name of [...directories].toSorted()) yield { header: header(name, 'directory') };
  for (const digest of [...small.keys(), ...layers.keys()].toSorted()) {
    const bytes = small.get(digest);
    const size = bytes?.byteLength ?? layers.get(digest)?.size ?? 0;
    const content = bytes
      ? [bytes]
      : ((await contents.open(digest)).stream() as unknown as AsyncIterable<Uint8Array>);
    yield { header: header(blobPath(digest), 'file', size), content };
  }
}

function index(saved: readonly SavedImage[]): object {
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: saved.flatMap(({ image, references, manifest }) => {
      const { os, architecture, variant } = image.config;
      const entry = (annotations?: Record<string, string>) => ({
        mediaType: manifest.mediaType,
        digest: manifest.digest,
        size: manifest.bytes.byteLength,
        ...(annotations && { annotations }),
        platform: { architecture, os, ...(variant !== undefined && { variant }) },
      });
      return references.length === 0 ? [entry()] : references.map((name) => entry(annotationsOf(name)));
    }),
  };
}

export function annotationsOf(reference: Reference): Record<string, string> {
  return {
    [nameAnnotations.full]: formatReference(reference),
    [nameAnnotations.tag]: reference.tag ?? '',
  };
}

function dockerEntry({ image, references, blobs }: SavedImage): DockerManifestEntry {
  const layers = image.layers.flatMap(({ diffId }) => blobs.get(diffId) ?? []);
  return {
    Config: blobPath(image.id),
    RepoTags: references.length === 0 ? null : references.map(familiarReference),
    Layers: layers.map(({ digest }) => blobPath(digest)),
    LayerSources: Object.fromEntries(
      [...blobs].map(([diffId, { mediaType, size, digest }]) => [diffId, { mediaType, size, digest }]),
    ),
  };
}

/** For `repositories`, the oldest table of contents: repository, tag, and the name of the topmost layer. */
function repositoriesOf(saved: readonly SavedImage[]): Record<string, Record<string, string>> {
  const table: Record<string, Record<string, string>> = {};
  for (const { image, references, blobs } of saved) {
    const top = blobs.get(image.layers.at(-1)?.diffId ?? image.id);
    for (const reference of references) {
      const tags = (table[familiarRepository(reference)] ??= {});
      tags[reference.tag ?? ''] = hexOf(top?.digest ?? image.id);
    }
  }
  return table;
}

function blobPath(digest: Digest): string {
  return `${directoryOf(digest)}${hexOf(digest)}`;
}

function directoryOf(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/`;
}

export function file(name: string, value: object): TarMember {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { header: header(name, 'file', bytes.byteLength), content: [bytes] };
}

/** Nobody's, and of no time: the same images give the same bytes. */
function header(name: string, type: 'file' | 'directory', size = 0): TarHeader {
  return {
    name: Buffer.from(name),
    type,
    mode: type === 'file' ? 0o644 : 0o755,
    uid: 0,
    gid: 0,
    size,
    mtime: { seconds: 0, nanoseconds: 0 },
    linkName: Buffer.alloc(0),
    major: 0,
    minor: 0,
    xattrs: new Map(),
  };
}
