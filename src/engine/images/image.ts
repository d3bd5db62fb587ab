/** An image as the engine knows it: its configuration, its layers and the names that lead to it. */
import type { Predicate } from '../../oci/attestation/statement.ts';
import type { Descriptor } from '../../oci/image/descriptor.ts';
import type { Digest } from '../../oci/image/digest.ts';
import type { ImageConfig } from '../../oci/image/image-config.ts';
import type { Reference } from '../../oci/image/reference.ts';

export interface ImageLayer {
  readonly diffId: Digest;
  /** Names this layer with all that lie below it. */
  readonly chainId: Digest;
  /** In bytes, unpacked. */
  readonly size: number;
}

export interface Image {
  /** The digest of the configuration's bytes. */
  readonly id: Digest;
  readonly config: ImageConfig;
  /** The configuration as received; what is pushed. */
  readonly configBytes: Uint8Array;
  /** Bottom first. */
  readonly layers: readonly ImageLayer[];
  /** The topmost layer's; undefined for an image without layers. */
  readonly chainId: Digest | undefined;
  /** Repository and tag, sorted. */
  readonly references: readonly Reference[];
  /** Repository and digest, sorted. */
  readonly repoDigests: readonly Reference[];
  /** In bytes, unpacked, all layers. */
  readonly size: number;
  /** The image this one was committed or built from, if it was made here. */
  readonly parent: Digest | undefined;
  /** When a name was last given to it, RFC 3339. */
  readonly taggedAt: string | undefined;
}

/** A manifest as received or as authored here. */
export interface RawManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export interface NewLayer {
  readonly diffId: Digest;
  /** In bytes, unpacked. */
  readonly size: number;
  /** The blob in the content store, if this call makes one known. */
  readonly blob?: Descriptor;
}

export interface NewImage {
  readonly configBytes: Uint8Array;
  /** One for each diff ID of the configuration, in its order. */
  readonly layers: readonly NewLayer[];
  readonly manifest?: RawManifest;
  readonly parent?: Digest;
  /** With a tag: the name is moved to this image. With a digest: a registry knows the image by it. */
  readonly references?: readonly Reference[];
  /** What the build that made it says of it, in place of what an earlier one said; undefined: leave that. */
  readonly attestations?: readonly Predicate[] | undefined;
}
