/** What a build has made as an OCI image layout: `--output type=oci` for several platforms, or with annotations. */
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import type { Digest } from '../../../oci/image/digest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';
import type { Reference } from '../../../oci/image/reference.ts';
import { tar, type TarMember } from '../../../oci/layer/tar.ts';
import { authorAttestation } from '../author-attestation.ts';
import { authorManifest } from '../author-manifest.ts';
import type { RawManifest } from '../image.ts';
import { authorIndex, describeManifest, type ImageSet, requireOneRoot } from '../image-set.ts';
import type { ImageStore } from '../image-store.ts';
import { storedLayers } from '../kept-manifest.ts';
import { streamOf } from './save.ts';
import { annotationsOf, blobMembers, file } from './saved-members.ts';

/** @returns the archive; the images' layers stay until it is read to its end or cancelled. @throws InvalidError */
export async function saveLayout(
  images: ImageStore,
  set: ImageSet,
  names: readonly Reference[],
): Promise<ReadableStream<Uint8Array>> {
  requireOneRoot(set);
  const lease = images.leases.hold(
    set.images.flatMap(({ image }) => image.layers.map(({ diffId }) => diffId)),
  );
  try {
    return streamOf(tar(members(images, await gather(images, set, names), names)), lease);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

interface Layout {
  readonly root: Descriptor;
  /** What is said of an image that has no index to list it. */
  readonly beside: readonly Descriptor[];
  /** Manifests and configurations. */
  readonly small: ReadonlyMap<Digest, Uint8Array>;
  readonly layers: ReadonlyMap<Digest, Descriptor>;
}

async function gather(
  images: ImageStore,
  { images: parts, index, compression }: ImageSet,
  names: readonly Reference[],
): Promise<Layout> {
  const small = new Map<Digest, Uint8Array>();
  const layers = new Map<Digest, Descriptor>();
  const entries: Descriptor[] = [];
  const attestations: Descriptor[] = [];
  for (const part of parts) {
    const { image, annotations } = part;
    const blobs = await storedLayers(images, image, compression);
    const manifest = authorManifest(image, blobs, { isOci: true, annotations });
    small.set(image.id, image.configBytes).set(manifest.digest, manifest.bytes);
    for (const blob of blobs.values()) layers.set(blob.digest, blob);
    entries.push(describeManifest(manifest, part));
    const attestation = authorAttestation(images.attestations, image, manifest, names);
    if (!attestation) continue;
    for (const { digest, bytes } of [attestation, ...attestation.blobs]) small.set(digest, bytes);
    attestations.push(attestation.descriptor);
  }
  const [only] = entries;
  if (!index && only) return { root: only, beside: attestations, small, layers };
  const authored = authorIndex([...entries, ...attestations], index?.annotations ?? {});
  small.set(authored.digest, authored.bytes);
  return { root: describeIndex(authored, index?.descriptor ?? {}), beside: [], small, layers };
}

function describeIndex(
  { mediaType, digest, bytes }: RawManifest,
  annotations: Descriptor['annotations'],
): Descriptor {
  return { mediaType, digest, size: bytes.byteLength, ...(annotations && { annotations }) };
}

async function* members(
  { contents }: ImageStore,
  { root, beside, small, layers }: Layout,
  names: readonly Reference[],
): AsyncGenerator<TarMember> {
  yield* blobMembers(contents, small, layers);
  const named = names.map((name) => ({
    ...root,
    annotations: { ...root.annotations, ...annotationsOf(name) },
  }));
  const manifests = [...(names.length > 0 ? named : [root]), ...beside];
  yield file('index.json', { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  yield file('oci-layout', { imageLayoutVersion: '1.0.0' });
}
