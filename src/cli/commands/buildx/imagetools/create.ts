/** `cais buildx imagetools create`: an index of images that registries have already. */
import { InvalidError } from '../../../../lib/errors.ts';
import { domainError } from '../../../../oci/distribution/errors.ts';
import type { BlobAddress } from '../../../../oci/distribution/transfer.ts';
import type { Descriptor } from '../../../../oci/image/descriptor.ts';
import { tryParseDigest } from '../../../../oci/image/digest.ts';
import { maxConfigSize, parseImageConfig, platformOf } from '../../../../oci/image/image-config.ts';
import { type Manifest, parseManifest } from '../../../../oci/image/manifest.ts';
import { formatReference, formatRepository, type Reference } from '../../../../oci/image/reference.ts';
import { type Annotation, parseAnnotation } from '../../../build/annotations.ts';
import { atLeast, defineCommand } from '../../../command.ts';
import type { CliContext } from '../../../context.ts';
import { bool, list } from '../../../flags.ts';
import { parseListName } from '../../manifest/manifest-list.ts';
import { connectRegistry, receiveManifest } from '../../manifest/manifest-registry.ts';
import { checkAnnotations, composeIndex, joinEntries } from './combine.ts';
import { copyImage } from './copy-image.ts';
import { normalized } from './registry-image.ts';

export const create = defineCommand({
  usage: '[OPTIONS] [SOURCE...]',
  flags: {
    annotation: list('Add annotation to the image'),
    append: bool('Append to existing manifest'),
    'dry-run': bool('Show final image instead of pushing'),
    insecure: bool('Allow communication with an insecure registry'),
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
    if (args.length === 0) throw new InvalidError('no sources specified');
    const targets = flags.tag.map(parseListName);
    const [first] = flags.tag;
    if (first === undefined && !flags['dry-run'])
      throw new InvalidError("can't push with no tags specified, please set --tag or --dry-run");
    const annotations = flags.annotation.flatMap(parseAnnotation);
    checkAnnotations(annotations);
    const names = parseSources(flags.append && first !== undefined ? [first, ...args] : args, targets);
    try {
      const sources: Source[] = [];
      for (const name of names) sources.push(await fetchSource(context, name, flags.insecure));
      const image = combine(sources, annotations, flags['prefer-index']);
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
}

/** A digest alone is of the one repository that is spoken of. */
function parseSources(words: readonly string[], targets: readonly Reference[]): readonly Reference[] {
  const named = words.filter((word) => !tryParseDigest(word)).map(parseListName);
  const repositories = new Set([...named, ...targets].map(formatRepository));
  const [only] = [...named, ...targets];
  if (!only) throw new InvalidError('no repositories specified, please set a reference in tag or source');
  return words.map((word) => {
    const digest = tryParseDigest(word);
    if (!digest) return parseListName(word);
    if (repositories.size === 1) return { domain: only.domain, path: only.path, digest };
    throw new InvalidError(
      `multiple repositories specified, cannot infer repository for ${JSON.stringify(word)}`,
    );
  });
}

async function fetchSource(context: CliContext, name: Reference, insecure: boolean): Promise<Source> {
  const client = await connectRegistry(context, name, { insecure, actions: ['pull'] });
  const { bytes, mediaType, digest } = await receiveManifest(client, name);
  const manifest = parseManifest(bytes, mediaType);
  const descriptor = { mediaType, digest, size: bytes.byteLength };
  if (manifest.kind === 'index') return { client, name, descriptor, manifest, bytes };
  const config = parseImageConfig(await client.getSmallBlob(name, manifest.image.config, maxConfigSize));
  const platform = normalized(platformOf(config));
  return { client, name, descriptor: { ...descriptor, platform }, manifest, bytes };
}

/** One source stays as it is, byte for byte, where nothing is asked that changes it. */
function combine(
  sources: readonly Source[],
  annotations: readonly Annotation[],
  prefersIndex: boolean,
): Combined {
  const [only] = sources;
  if (only && sources.length === 1 && annotations.length === 0) {
    const isCopied = only.manifest.kind === 'index' || !prefersIndex;
    if (isCopied) return { mediaType: only.descriptor.mediaType, bytes: only.bytes };
  }
  const { mediaType, text } = composeIndex(joinEntries(sources.flatMap(entriesOf)), annotations);
  return { mediaType, bytes: Buffer.from(text) };
}

/** What an index of this source names. */
function entriesOf({ manifest, descriptor }: Source): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.index.manifests : [descriptor];
}

/** The images first: a registry takes no index of what it has not. */
async function push(
  context: CliContext,
  sources: readonly Source[],
  { mediaType, bytes }: Combined,
  targets: readonly Reference[],
  insecure: boolean,
): Promise<void> {
  for (const target of targets) {
    const client = await connectRegistry(context, target, { insecure, actions: ['pull', 'push'] });
    const to = { client, name: target };
    for (const source of sources) {
      for (const { digest } of entriesOf(source)) {
        const [from, repository] = [formatReference(source.name), formatRepository(target)];
        await context.err.write(`copying ${digest} from ${from} to ${repository}\n`);
        await copyImage(source, to, digest);
      }
    }
    await context.err.write(`pushing ${formatReference(target)}\n`);
    await client.putManifest(target, target.digest ?? target.tag ?? '', mediaType, bytes);
  }
}
