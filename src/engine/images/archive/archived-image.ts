/** The images that an archive names, out of its tables of contents: docker's manifest.json or an OCI index.json. */
import { InvalidError } from '../../../lib/errors.ts';
import { type Digest, digestOf, algorithmOf, hexOf } from '../../../oci/image/digest.ts';
import type { Descriptor } from '../../../oci/image/descriptor.ts';
import { type ImageConfig, parseImageConfig } from '../../../oci/image/image-config.ts';
import { type ImageManifest, parseManifest } from '../../../oci/image/manifest.ts';
import { isIndex, mediaTypes } from '../../../oci/image/media-type.ts';
import { matchesPlatform, type Platform } from '../../../oci/image/platform.ts';
import { parseReference, type Reference } from '../../../oci/image/reference.ts';
import type { RawManifest } from '../image.ts';
import type { ArchiveFiles } from './archive-files.ts';
import { dockerManifestSchema, nameAnnotations } from './docker-manifest.ts';

/** A layer as the archive names it. */
export interface ArchivedLayer {
  readonly path: string;
  /** What a manifest says of it. */
  readonly blob?: Descriptor;
}

export interface ArchivedImage {
  readonly configBytes: Uint8Array;
  readonly config: ImageConfig;
  /** One for each diff ID, bottom first. */
  readonly layers: readonly ArchivedLayer[];
  /** With tags. */
  readonly references: readonly Reference[];
  /** The image's manifest as a registry would have it, where the archive has one. */
  readonly manifest?: RawManifest;
}

/**
 * @param platform chooses where one name has images for several. @throws InvalidError, CorruptError; NotFoundError for what
 * is missing.
 */
export function archivedImages(files: ArchiveFiles, platform: Platform): ArchivedImage[] {
  if (files.has('manifest.json')) return dockerImages(files);
  if (files.has('index.json')) return ociImages(files, platform);
  if (files.has('repositories'))
    throw new InvalidError('invalid archive: images of docker before 1.10 are not supported');
  throw new InvalidError('invalid archive: does not contain a manifest.json');
}

function dockerImages(files: ArchiveFiles): ArchivedImage[] {
  const parsed = dockerManifestSchema.safeParse(files.json('manifest.json').value);
  if (!parsed.success)
    throw new InvalidError('invalid archive: manifest.json is not in the format of docker');
  // The same images once more, with what registries know of them.
  const manifests = files.has('index.json') ? manifestsOf(files) : [];
  return parsed.data.map(({ Config, RepoTags, Layers }) => {
    const { bytes: configBytes } = files.json(Config);
    const config = parseImageConfig(configBytes);
    const layers = (Layers ?? []).map((path) => ({ path }));
    requireCount(config, layers);
    const known = manifests.find(
      ({ image }) =>
        image.config.digest === digestOf(configBytes) &&
        image.layers.length === layers.length &&
        image.layers.every(({ digest }, index) => layers[index]?.path === blobPath(digest)),
    );
    return {
      configBytes,
      config,
      layers: known ? layersOf(known.image) : layers,
      references: (RepoTags ?? []).map(tagOf),
      ...(known && { manifest: known.raw }),
    };
  });
}

function ociImages(files: ArchiveFiles, platform: Platform): ArchivedImage[] {
  const images = new Map<Digest, ArchivedImage & { references: Reference[] }>();
  for (const { image, raw, name } of forPlatform(files, manifestsOf(files), platform)) {
    const { configBytes, config } = readConfig(files, image);
    const layers = layersOf(image);
    requireCount(config, layers);
    const known = images.get(raw.digest) ?? { configBytes, config, layers, references: [], manifest: raw };
    if (name) known.references.push(name);
    images.set(raw.digest, known);
  }
  return [...images.values()];
}

function readConfig(
  files: ArchiveFiles,
  image: ImageManifest,
): { readonly configBytes: Uint8Array; readonly config: ImageConfig } {
  const path = blobPath(image.config.digest);
  const { bytes: configBytes } = files.json(path);
  requireDigest(path, configBytes, image.config.digest);
  return { configBytes, config: parseImageConfig(configBytes) };
}

interface NamedManifest {
  readonly raw: RawManifest;
  readonly image: ImageManifest;
  readonly name: Reference | undefined;
  /** The index that it is one of the platforms of. */
  readonly group: Digest | undefined;
}

/** Of each index the image for the platform; where it has none for it, the first. */
function forPlatform(
  files: ArchiveFiles,
  manifests: readonly NamedManifest[],
  platform: Platform,
): NamedManifest[] {
  const chosen = new Map<Digest, NamedManifest>();
  for (const manifest of manifests) {
    if (manifest.group === undefined) continue;
    const known = chosen.get(manifest.group);
    const fits = (one: NamedManifest) =>
      matchesPlatform(platformOf(readConfig(files, one.image).config), platform);
    if (!known || (!fits(known) && fits(manifest))) chosen.set(manifest.group, manifest);
  }
  return manifests.filter((one) => one.group === undefined || chosen.get(one.group) === one);
}

export function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

const maxManifests = 1000;
const maxDepth = 4;

/** The manifests of images that the index leads to, also through other indexes, as far as they are in the archive. */
function manifestsOf(files: ArchiveFiles): NamedManifest[] {
  const found: NamedManifest[] = [];
  const walk = (
    bytes: Uint8Array,
    mediaType: string,
    { name, group }: Pick<NamedManifest, 'name' | 'group'>,
    depth: number,
  ): void => {
    if (depth > maxDepth) throw new InvalidError('invalid archive: too many indexes inside each other');
    const parsed = parseManifest(bytes, mediaType);
    if (parsed.kind === 'image') {
      if (!isImage(parsed.image)) return;
      if (found.length >= maxManifests) throw new InvalidError('invalid archive: it has too many manifests');
      found.push({
        raw: { digest: digestOf(bytes), mediaType: parsed.mediaType, bytes },
        image: parsed.image,
        name,
        group,
      });
      return;
    }
    for (const entry of parsed.index.manifests) {
      const path = blobPath(entry.digest);
      const isOfInterest = isIndex(entry.mediaType) || manifestTypes.has(entry.mediaType);
      // Of an image for several platforms only some may be here.
      if (!isOfInterest || (depth > 0 && !files.has(path))) continue;
      const { bytes: child } = files.json(path);
      requireDigest(path, child, entry.digest);
      const inside = group ?? (isIndex(entry.mediaType) ? entry.digest : undefined);
      walk(child, entry.mediaType, { name: nameOf(entry) ?? name, group: inside }, depth + 1);
    }
  };
  walk(files.json('index.json').bytes, mediaTypes.ociIndex, { name: undefined, group: undefined }, 0);
  return found;
}

const manifestTypes: ReadonlySet<string> = new Set([mediaTypes.ociManifest, mediaTypes.dockerManifest]);

/** Signatures, attestations and other things are stored in the same way. */
function isImage({ config, artifactType, layers }: ImageManifest): boolean {
  const types: readonly string[] = [mediaTypes.ociConfig, mediaTypes.dockerConfig];
  return (
    artifactType === undefined &&
    types.includes(config.mediaType) &&
    layers.every(({ mediaType }) => !mediaType.startsWith('application/vnd.in-toto'))
  );
}

/** A whole name, or none: a bare tag names no repository. */
function nameOf({ annotations }: Descriptor): Reference | undefined {
  const full = annotations?.[nameAnnotations.full];
  const tag = annotations?.[nameAnnotations.tag];
  const text = full ?? (tag !== undefined && /[:/]/.test(tag) ? tag : undefined);
  return text === undefined ? undefined : tagOf(text);
}

function tagOf(text: string): Reference {
  const reference = parseReference(text);
  if (reference.tag === undefined || reference.digest !== undefined)
    throw new InvalidError(`invalid tag ${JSON.stringify(text)}`);
  return reference;
}

function layersOf(image: ImageManifest): ArchivedLayer[] {
  return image.layers.map((blob) => ({ path: blobPath(blob.digest), blob }));
}

function blobPath(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

function requireDigest(path: string, bytes: Uint8Array, digest: Digest): void {
  const actual = digestOf(bytes, algorithmOf(digest));
  if (actual !== digest) throw new InvalidError(`invalid archive: ${path} has the digest ${actual}`);
}

function requireCount({ rootfs }: ImageConfig, layers: readonly ArchivedLayer[]): void {
  const expected = rootfs.diff_ids.length;
  if (expected !== layers.length)
    throw new InvalidError(
      `invalid manifest, layers length mismatch: expected ${expected}, got ${layers.length}`,
    );
}
