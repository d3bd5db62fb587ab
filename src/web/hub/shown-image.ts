/** What the pages of an image show, named by a tag or by its digest. */
import type { ImageDetail, Tag, TagImage } from '../../hub-api/types.ts';

export interface ShownImage extends Pick<
  Tag,
  'digest' | 'media_type' | 'full_size' | 'images' | 'last_updated' | 'last_updater_username'
> {
  /** The tag, or the digest: what stands in the address. */
  readonly name: string;
  readonly last_pulled: string | null;
}

export function isDigest(reference: string): boolean {
  return reference.includes(':');
}

export function imageOfTag(tag: Tag): ShownImage {
  return { ...tag, images: realImages(tag.images), last_pulled: tag.tag_last_pulled };
}

export function imageOfDigest(detail: ImageDetail): ShownImage {
  return { ...detail, images: realImages(detail.images), name: detail.digest };
}

/** Builders list attestations among the platforms, as `unknown/unknown`; they are shown with what was said about the image. */
export function realImages(images: readonly TagImage[]): readonly TagImage[] {
  const real = images.filter(({ os, architecture }) => os !== 'unknown' || architecture !== 'unknown');
  return real.length > 0 ? real : images;
}
