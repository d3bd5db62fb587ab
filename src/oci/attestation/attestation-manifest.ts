/**
 * The statements about an image as a manifest that refers to it: one layer for each, as BuildKit stores them.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md. Pure.
 */
import type { Descriptor } from '../image/descriptor.ts';
import { type Digest, digestOf } from '../image/digest.ts';
import type { ImageManifest } from '../image/manifest.ts';
import { mediaTypes } from '../image/media-type.ts';
import { encodeStatement, type Predicate, predicateTypeAnnotation, statementMediaType } from './statement.ts';

export const attestationArtifactType = 'application/vnd.docker.attestation.manifest.v1+json';

export interface Blob {
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface AttestationManifest extends Blob {
  readonly mediaType: string;
  /** What the manifest names: the statements, and the empty configuration. */
  readonly blobs: readonly Blob[];
  /** How a list of referrers has it. */
  readonly listing: Descriptor;
  /** How the index of an image has it: as something to look at, never to run. */
  readonly descriptor: Descriptor;
}

/** @param subject the image's manifest. @param names of the subject, as package URLs. */
export function attestationManifest(
  predicates: readonly Predicate[],
  { mediaType, digest, size }: Descriptor,
  names: readonly string[],
): AttestationManifest {
  const config = blobOf(new TextEncoder().encode('{}'));
  const subjects = names.length > 0 ? names.map((name) => ({ name, digest })) : [{ digest }];
  const statements = predicates.map((predicate) => blobOf(encodeStatement(predicate, subjects)));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: attestationArtifactType,
    config: { mediaType: mediaTypes.ociEmpty, digest: config.digest, size: 2, data: 'e30=' },
    layers: statements.map(({ digest: blob, bytes }, index) => ({
      mediaType: statementMediaType,
      digest: blob,
      size: bytes.byteLength,
      annotations: { [predicateTypeAnnotation]: predicates[index]?.type },
    })),
    subject: { mediaType, digest, size },
  };
  const whole = blobOf(new TextEncoder().encode(JSON.stringify(manifest, undefined, 2)));
  const self = { mediaType: mediaTypes.ociManifest, digest: whole.digest, size: whole.bytes.byteLength };
  return {
    ...whole,
    mediaType: mediaTypes.ociManifest,
    blobs: [config, ...statements],
    listing: { ...self, artifactType: attestationArtifactType },
    descriptor: {
      ...self,
      annotations: {
        'vnd.docker.reference.digest': digest,
        'vnd.docker.reference.type': 'attestation-manifest',
      },
      platform: { architecture: 'unknown', os: 'unknown' },
    },
  };
}

/** The statements that a manifest names, each with the kind of its claim. */
export function statementLayers({
  layers,
}: ImageManifest): readonly { descriptor: Descriptor; type: string }[] {
  return layers.flatMap((descriptor) => {
    const type = descriptor.annotations?.[predicateTypeAnnotation];
    const isStatement =
      descriptor.mediaType === statementMediaType ||
      /^application\/vnd\.in-toto\..*\+dsse$/.test(descriptor.mediaType);
    return isStatement && type !== undefined ? [{ descriptor, type }] : [];
  });
}

function blobOf(bytes: Uint8Array): Blob {
  return { digest: digestOf(bytes), bytes };
}
