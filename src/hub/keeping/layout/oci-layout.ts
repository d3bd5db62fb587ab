/**
 * An OCI image layout as something that blobs are read from, wherever it is: a directory or a tar archive. What is in it is
 * somebody else's: nothing of it is believed before it was checked, and no name in it becomes the name of a file of ours.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { z } from 'zod';
import { CorruptError, InvalidError } from '../../../lib/errors.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { algorithmOf, type Digest, hexOf } from '../../../oci/image/digest.ts';
import { type Manifest, parseManifest } from '../../../oci/image/manifest.ts';
import { mediaTypes } from '../../../oci/image/media-type.ts';

export interface OciLayout {
  /** A file of it, not read yet; undefined where there is none. @param path as the specification has it, with `/`. */
  open(path: string): Promise<Blob | undefined>;
}

export const layoutPath = 'oci-layout';
export const layoutText = '{"imageLayoutVersion":"1.0.0"}';
export const indexPath = 'index.json';
/** Of index.json, which may list more than a manifest does. */
const maxIndexSize = 64 * 1024 * 1024;

/** Annotations of the entries of index.json that hold names. */
export const nameAnnotations = {
  /** containerd's: the whole name. */
  full: 'io.containerd.image.name',
  /** OCI's: a tag, or with some tools a whole name. */
  reference: 'org.opencontainers.image.ref.name',
} as const;

const layoutForm = z.looseObject({ imageLayoutVersion: z.literal('1.0.0') });

export function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

/** @throws CorruptError where it is not there or no layout; InvalidError */
export async function entriesOf(layout: OciLayout): Promise<readonly Descriptor[]> {
  const about = await layout.open(layoutPath);
  if (!about) throw new InvalidError(`this is no OCI image layout: it has no ${layoutPath}`);
  const version = layoutForm.safeParse(about.size > 4096 ? undefined : parseJson(await about.text()));
  if (!version.success) throw new InvalidError('this is no OCI image layout of version 1.0.0');
  const index = await layout.open(indexPath);
  if (!index) throw new CorruptError(`the layout is not whole: it has no ${indexPath}`);
  if (index.size > maxIndexSize) throw new CorruptError(`${indexPath} is too large`);
  const manifest = read(new Uint8Array(await index.arrayBuffer()), mediaTypes.ociIndex, indexPath);
  return manifest.kind === 'index' ? manifest.index.manifests : [];
}

/** A manifest's bytes, which are those of its digest. @throws CorruptError */
export function read(bytes: Uint8Array, mediaType: string, name: string): Manifest {
  try {
    return parseManifest(bytes, mediaType);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    throw new CorruptError(`${name}: ${error.message}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
