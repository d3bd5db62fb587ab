/** `cais buildx imagetools create`: an index of images that registries have already. */
import { InvalidError } from '../../../../lib/errors.ts';
import { domainError } from '../../../../oci/distribution/errors.ts';
import type { BlobAddress } from '../../../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import type { Digest } from '../../../../oci/image/digest.ts';
import { maxConfigSize, parseImageConfig, platformOf } from '../../../../oci/image/image-config.ts';
import { type Manifest, parseManifest } from '../../../../oci/image/manifest.ts';
import { parsePlatform, type Platform } from '../../../../oci/image/platform.ts';
import { formatReference, formatRepository, type Reference } from '../../../../oci/image/reference.ts';
import { type Annotation, parseAnnotation } from '../../../build/annotations.ts';
import { atLeast, defineCommand } from '../../../command.ts';
import type { CliContext } from '../../../context.ts';
import { bool, list } from '../../../flags.ts';
import { parseListName } from '../../manifest/manifest-list.ts';
import { connectRegistry, receiveManifest } from '../../manifest/manifest-registry.ts';
import { checkAnnotations, composeIndex, joinEntries, ofPlatforms } from './combine.ts';
import { copyImage } from './copy-image.ts';
import { normalized } from './registry-image.ts';
import { type NamedSource, parseSources, readFiles } from './sources.ts';

export const create = defineCommand({
  usage: '[OPTIONS] [SOURCE...]',
  flags: {
    annotation: list('Add annotation to the image'),
    append: bool('Append to existing manifest'),
    'dry-run': bool('Show final image instead of pushing'),
    file: list('Read source descriptor from file', 'f'),
    insecure: bool('Allow communication with an insecure registry'),
    platform: list('Filter specified platforms of target image', 'p'),
    'prefer-index': bool(
      'When only a single source is specified, prefer outputting an image index or manifest list instead of performing a carbon copy',
      undefined,
      true,
    ),
    tag: list('Set reference for new image', 't'),
  },
  count: atLeast(0),
  completes: 'image',
  run: async ({ context, flags, args }) => {
    const words = [...(await readFiles(flags.file)), ...args];
    if (words.length === 0) throw new InvalidError('no sources specified');
    const targets = flags.tag.map(parseListName);
    const [first] = flags.tag;
    if (first === undefined && !flags['dry-run'])
      throw new InvalidError("can't push with no tags specified, please set --tag or --dry-run");
    const annotations = flags.annotation.flatMap(parseAnnotation);
    checkAnnotations(annotations);
    const platforms = flags.platform.flatMap((text) => text.split(',')).map(parsePlatform);
    const named = parseSources(flags.append && first !== undefined ? [first, ...words] : words, targets);
    try {
      const sources: Source[] = [];
      for (const each of named) sources.push(await fetchSource(context, each, flags.insecure));
      const image = combine(sources, { annotations, platforms, prefersIndex: flags['prefer-index'] });
      if (flags['dry-run']) return await context.out.write(`${Buffer.from(image.bytes).toString()}\n`);
      await push(context, sources, image, targets, flags.insecure);
    } catch (error) {
      throw domainError(error);
    }
  },
});

interface Source extends BlobAddress {
  readonly name: Reference;
  /** With the platform of an image. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
}

interface Combined {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  /** What it consists of. */
  readonly contents: ReadonlySet<Digest>;
}

async function fetchSource(
  context: CliContext,
  { name, said }: NamedSource,
  insecure: boolean,
): Promise<Source> {
  const client = await connectRegistry(context, name, { insecure, actions: ['pull'] });
  const { bytes, mediaType, digest } = await receiveManifest(client, name);
  const manifest = parseManifest(bytes, mediaType);
  const descriptor = { ...said, mediaType, digest, size: bytes.byteLength };
  if (manifest.kind === 'index') return { client, name, descriptor, manifest, bytes };
  const config = parseImageConfig(await client.getSmallBlob(name, manifest.image.config, maxConfigSize));
  const platform = said.platform ?? normalized(platformOf(config));
  return { client, name, descriptor: { ...descriptor, platform }, manifest, bytes };
}

interface Wanted {
  readonly annotations: readonly Annotation[];
  /** Empty: all. */
  readonly platforms: readonly Platform[];
  readonly prefersIndex: boolean;
}

/** One source stays as it is, byte for byte, where nothing is asked that changes it. */
function combine(sources: readonly Source[], { annotations, platforms, prefersIndex }: Wanted): Combined {
  const [only] = sources;
  const all = joinEntries(sources.flatMap(entriesOf));
  const entries = platforms.length > 0 ? ofPlatforms(all, platforms) : all;
  const contents = new Set(entries.map(({ digest }) => digest));
  const isUnchanged = annotations.length + platforms.length === 0 && !only?.descriptor.annotations;
  if (only && sources.length === 1 && isUnchanged) {
    const isCopied = only.manifest.kind === 'index' || !prefersIndex;
    if (isCopied) return { mediaType: only.descriptor.mediaType, bytes: only.bytes, contents };
  }
  const { mediaType, text } = composeIndex(entries, annotations);
  return { mediaType, bytes: Buffer.from(text), contents };
}

/** What an index of this source names. */
function entriesOf({ manifest, descriptor }: Source): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.index.manifests : [descriptor];
}

/** The images first: a registry takes no index of what it has not. */
async function push(
  context: CliContext,
  sources: readonly Source[],
  { mediaType, bytes, contents }: Combined,
  targets: readonly Reference[],
  insecure: boolean,
): Promise<void> {
  for (const target of targets) {
    const client = await connectRegistry(context, target, { insecure, actions: ['pull', 'push'] });
    const to = { client, name: target };
    for (const source of sources) {
      for (const { digest } of entriesOf(source)) {
        if (!contents.has(digest)) continue;
        const [from, repository] = [formatReference(source.name), formatRepository(target)];
        await context.err.write(`copying ${digest} from ${from} to ${repository}\n`);
        await copyImage(source, to, digest);
      }
    }
    await context.err.write(`pushing ${formatReference(target)}\n`);
    await client.putManifest(target, target.digest ?? target.tag ?? '', mediaType, bytes);
  }
}
