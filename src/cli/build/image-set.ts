/** What a build has made as its outputs name it: one image, or an index of one for each platform, with annotations. */
import { InvalidError } from '../../lib/errors.ts';
import { formatPlatform, hostPlatform, parsePlatform, type Platform } from '../../oci/image/platform.ts';
import { type Annotation, annotationsOf } from './annotations.ts';
import type { LayerCompression } from '../../engine-api/layer-compression.ts';
import type { BuiltImage } from './model.ts';
import type { OutputForm } from './outputs.ts';

type Annotations = Readonly<Record<string, string>>;

/** As POST /cais/image-sets/… takes it. */
export interface ImageSet {
  readonly images: readonly {
    readonly id: string;
    readonly annotations: Annotations;
    readonly descriptor: Annotations;
  }[];
  readonly index?: { readonly annotations: Annotations; readonly descriptor: Annotations };
  readonly compression?: LayerCompression;
  readonly isOci?: boolean;
}

export interface PlatformImage {
  readonly id: string;
  readonly platform: Platform;
}

export function platformImages({ id, platforms }: BuiltImage): readonly PlatformImage[] {
  const all = platforms ?? [{ id, platform: formatPlatform(hostPlatform()) }];
  return all.map((each) => ({ id: each.id, platform: parsePlatform(each.platform) }));
}

export function isForSeveral({ platforms = [] }: Pick<BuiltImage, 'platforms'>): boolean {
  return platforms.length > 1;
}

/** @throws InvalidError where there is no index to annotate. */
export function imageSet(
  image: BuiltImage,
  annotations: readonly Annotation[],
  { compression, isOci }: OutputForm,
): ImageSet {
  const form = { ...(compression && { compression }), ...(isOci === true && { isOci }) };
  const images = platformImages(image).map(({ id, platform }) => ({
    id,
    annotations: annotationsOf(annotations, 'manifest', platform),
    descriptor: annotationsOf(annotations, 'manifest-descriptor', platform),
  }));
  const index = {
    annotations: annotationsOf(annotations, 'index'),
    descriptor: annotationsOf(annotations, 'index-descriptor'),
  };
  if (isForSeveral(image)) return { images, index, ...form };
  if (Object.keys({ ...index.annotations, ...index.descriptor }).length > 0)
    throw new InvalidError('index annotations not supported for single platform export');
  return { images, ...form };
}
